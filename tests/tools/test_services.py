"""The private services keep data, keep roles apart, refuse in sentences and never outlive their launcher."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import redis

from tools.services.launcher import running_services

REPOSITORY = Path(__file__).resolve().parents[2]
LAUNCH = [sys.executable, "-m", "tools.services", "run"]


@pytest.fixture
def own_services(monkeypatch: pytest.MonkeyPatch) -> None:
    """The suite itself runs beside services; these tests must start their own."""
    for name in ("DATABASE_URL", "MIGRATION_DATABASE_URL", "REDIS_URL", "PG_BIN"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def durable(own_services: None, tmp_path: Path) -> Iterator[dict[str, str]]:
    with running_services(tmp_path / "data") as environment:
        yield environment


def launch(*arguments: str, **environment: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [*LAUNCH, *arguments], cwd=REPOSITORY, env=os.environ | environment, capture_output=True, text=True, timeout=60
    )


def wait_for(condition, limit_s: float = 20) -> None:
    end = time.monotonic() + limit_s
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.05)


def using(folder: Path) -> list[str]:
    """The processes whose command line names a folder of these services."""
    listing = subprocess.run(["ps", "-eo", "pid,args", "-ww"], capture_output=True, text=True, check=True).stdout
    return [line for line in listing.splitlines() if f"{folder}/postgres" in line]


def test_the_application_role_reads_and_writes_rows_but_owns_and_empties_no_table(durable: dict[str, str]) -> None:
    with psycopg.connect(durable["MIGRATION_DATABASE_URL"]) as owner:
        owner.execute("CREATE TABLE made_by_owner (number serial, word text)")
    with psycopg.connect(durable["DATABASE_URL"], autocommit=True) as application:
        application.execute("INSERT INTO made_by_owner (word) VALUES ('kept')")
        assert application.execute("SELECT number, word FROM made_by_owner").fetchone() == (1, "kept")
        for forbidden in ("TRUNCATE made_by_owner", "DROP TABLE made_by_owner", "CREATE TABLE mine (number int)"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                application.execute(forbidden)


def test_the_broker_answers_at_the_address_that_is_exported(durable: dict[str, str]) -> None:
    path = durable["REDIS_URL"].removeprefix("redis+socket://").partition("?")[0]
    assert redis.Redis(unix_socket_path=path).ping()


def test_a_second_start_finds_the_data_of_the_first(own_services: None, tmp_path: Path) -> None:
    with (
        running_services(tmp_path) as first,
        psycopg.connect(first["MIGRATION_DATABASE_URL"]) as connection,
    ):
        connection.execute("CREATE TABLE kept AS SELECT 7 AS number")
        connection.commit()
    with running_services(tmp_path) as second, psycopg.connect(second["DATABASE_URL"]) as connection:
        assert connection.execute("SELECT number FROM kept").fetchone() == (7,)


def test_fast_mode_gives_one_role_that_may_create_databases(own_services: None, tmp_path: Path) -> None:
    with running_services(tmp_path, durable=False) as environment:
        assert "MIGRATION_DATABASE_URL" not in environment
        with psycopg.connect(environment["DATABASE_URL"], autocommit=True) as connection:
            connection.execute("CREATE DATABASE test_petra")


def test_a_folder_in_use_is_refused(durable: dict[str, str], tmp_path: Path) -> None:
    answer = launch("--dir", str(tmp_path / "data"), "--", "true")
    assert answer.returncode == 2
    assert "PETRA already runs in" in answer.stderr


def test_addresses_of_the_environment_win(own_services: None, tmp_path: Path) -> None:
    given = {"DATABASE_URL": "postgresql://elsewhere/petra", "REDIS_URL": "redis://elsewhere/0"}
    answer = launch("--dir", str(tmp_path), "--", "sh", "-c", "echo $DATABASE_URL $REDIS_URL", **given)
    assert answer.stdout.split() == list(given.values())
    assert not list(tmp_path.glob("postgres*"))


@pytest.mark.parametrize(
    ("variable", "sentence"),
    [("PG_BIN", "No PostgreSQL server was found"), ("VALKEY_SERVER", "No Valkey server was found")],
)
def test_a_missing_program_is_one_sentence(own_services: None, tmp_path: Path, variable: str, sentence: str) -> None:
    answer = launch("--dir", str(tmp_path), "--", "true", **{variable: str(tmp_path / "nowhere")})
    assert answer.returncode == 2
    assert answer.stderr.startswith(sentence)
    assert not using(tmp_path)


def test_an_older_postgres_is_refused(own_services: None, tmp_path: Path) -> None:
    program = tmp_path / "postgres"
    program.write_text("#!/bin/sh\necho 'postgres (PostgreSQL) 15.18'\n")
    program.chmod(0o755)
    answer = launch("--dir", str(tmp_path / "data"), "--", "true", PG_BIN=str(tmp_path))
    assert answer.returncode == 2
    assert "holds PostgreSQL 15, but PETRA needs 18" in answer.stderr


def test_the_exit_status_of_the_command_is_passed_on(own_services: None, tmp_path: Path) -> None:
    assert launch("--dir", str(tmp_path), "--fast", "--", "sh", "-c", "exit 7").returncode == 7


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_no_server_outlives_the_launcher(own_services: None, tmp_path: Path, number: signal.Signals) -> None:
    launcher = subprocess.Popen(
        [*LAUNCH, "--dir", str(tmp_path), "--", "sh", "-c", f"touch {tmp_path}/started; exec sleep 60"], cwd=REPOSITORY
    )
    wait_for((tmp_path / "started").exists)
    assert using(tmp_path)
    launcher.send_signal(number)
    launcher.wait(60)
    wait_for(lambda: not using(tmp_path))
    with running_services(tmp_path) as environment, psycopg.connect(environment["DATABASE_URL"]) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root needs another identity for PostgreSQL")
def test_root_without_user_namespaces_drops_to_nobody(own_services: None, tmp_path: Path) -> None:
    who = 'ps -o user= -p "$(head -1 "$0/postgres18/postmaster.pid")"'
    answer = launch("--dir", str(tmp_path), "--", "sh", "-c", who, str(tmp_path), PETRA_NO_USER_NAMESPACE="1")
    assert answer.stdout.strip() == "nobody", answer.stderr
    assert launch("--dir", str(tmp_path), "--", "true").returncode == 0
