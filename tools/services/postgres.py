"""A private PostgreSQL 18: one data folder per major version, reached by a Unix socket only."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

import psycopg
from psycopg import sql

from tools.services import process
from tools.services.binaries import postgres_bin, postgres_major
from tools.services.errors import ServicesError

DATABASE = "petra"
OWNER_ROLE = "petra_owner"
APPLICATION_ROLE = "petra"
START_LIMIT_S = 60
SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "shared_buffers": "64MB",
    "timezone": "UTC",
}
# Tests throw the data away, so nothing needs to survive a crash of the machine.
FAST_SETTINGS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class Postgres:
    """A PostgreSQL server below ``root``; ``durable=False`` trades safety of the data for speed."""

    def __init__(self, root: Path, *, durable: bool = True) -> None:
        self.bin = postgres_bin()
        self.durable = durable
        self.log_path = root / "postgres.log"
        self.data = root / f"postgres{postgres_major(self.bin)}"
        self.identity = process.unprivileged_identity([self.bin / "postgres", "--version"])
        self.server: subprocess.Popen | None = None
        self.socket_folder: Path | None = None

    def start(self) -> "Postgres":
        """Creates the data folder where there is none, starts the server and waits until it answers."""
        self.data.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.identity.own(self.data)
        if (self.data / "PG_VERSION").exists():
            self._stop_left_over()
        else:
            self._initialise()
        # Short, because a socket's path may have no more than 104 bytes.
        self.socket_folder = Path(tempfile.mkdtemp(prefix="petra-pg-", dir="/tmp"))
        self.identity.own(self.socket_folder)
        self.server = self.identity.start(self._command(), self.log_path, env=self._environment(), cwd="/")
        self._wait_until_ready()
        self._prepare_database()
        return self

    def stop(self) -> None:
        """Fast shutdown: open transactions roll back, data is written, nothing is lost."""
        process.stop(self.server, signal.SIGINT, signal.SIGQUIT)
        if self.socket_folder:
            shutil.rmtree(self.socket_folder, ignore_errors=True)

    def url(self, role: str, database: str = DATABASE) -> str:
        """``postgresql://petra@/petra?host=/tmp/petra-pg-xxxx``."""
        return f"postgresql://{role}@/{database}?host={self.socket_folder}"

    def _command(self) -> list[str | Path]:
        settings = SETTINGS if self.durable else SETTINGS | FAST_SETTINGS
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        return [self.bin / "postgres", "-D", self.data, "-k", str(self.socket_folder), *options]

    def _environment(self) -> dict[str, str]:
        # The launcher's own PG* variables would change what initdb and pg_ctl do.
        kept = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
        return kept | {"LC_ALL": "C", "TZ": "UTC"}

    def _initialise(self) -> None:
        # The builtin provider sorts alike on every machine, whatever locales are installed.
        locale = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C", "--encoding=UTF8"]
        who = [f"--username={OWNER_ROLE}", "--auth=trust", "--no-instructions"]
        command = [self.bin / "initdb", "--pgdata", self.data, *who, *locale, *([] if self.durable else ["--no-sync"])]
        answer = self.identity.run(command, self._environment())
        if answer.returncode != 0:
            shutil.rmtree(self.data, ignore_errors=True)
            raise ServicesError(f"PostgreSQL could not create {self.data}: {answer.stderr.strip()}")

    def _stop_left_over(self) -> None:
        # A launcher that was killed may have left a server that is still shutting down.
        command = [self.bin / "pg_ctl", "-D", self.data, "-m", "fast", "-w", "-t", "30", "stop"]
        self.identity.run(command, self._environment())

    def _wait_until_ready(self) -> None:
        limit = time.monotonic() + START_LIMIT_S
        while True:
            try:
                psycopg.connect(self.url(OWNER_ROLE, "postgres"), connect_timeout=5).close()
                return
            except psycopg.OperationalError as error:
                if self.server is None or self.server.poll() is not None or time.monotonic() > limit:
                    end = process.last_lines(self.log_path)
                    raise ServicesError(f"PostgreSQL did not start; the end of {self.log_path}:\n{end}") from error
            time.sleep(0.03)

    def _prepare_database(self) -> None:
        with psycopg.connect(self.url(OWNER_ROLE, "postgres"), autocommit=True) as connection:
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))
        if self.durable:
            with psycopg.connect(self.url(OWNER_ROLE)) as connection:
                grant_application_role(connection)


def grant_application_role(connection: psycopg.Connection) -> None:
    """The role of web and worker: it owns no table, and may read and write the rows of those that the owner makes."""
    role = sql.Identifier(APPLICATION_ROLE)
    if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [APPLICATION_ROLE]).fetchone():
        connection.execute(sql.SQL("CREATE ROLE {} LOGIN").format(role))
    for statement in (
        "REVOKE CREATE ON SCHEMA public FROM PUBLIC",
        "GRANT USAGE ON SCHEMA public TO {}",
        "ALTER DEFAULT PRIVILEGES GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {}",
        "ALTER DEFAULT PRIVILEGES GRANT USAGE, SELECT ON SEQUENCES TO {}",
    ):
        connection.execute(sql.SQL(statement).format(role))
