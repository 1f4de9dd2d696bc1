"""PostgreSQL's own programs (pg_dump, psql), called for the database of the settings."""

import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg.conninfo import conninfo_to_dict

from backend.core.errors import DomainError


class ToolFailed(DomainError):
    """A program of PostgreSQL is missing or ended with an error; the message carries its own words."""


@dataclass(frozen=True)
class Database:
    """Where the database is and as whom it is entered; the password goes by environment, never on a command line."""

    name: str
    user: str = ""
    password: str = ""
    host: str = ""
    port: str = ""

    @classmethod
    def of_owner(cls, settings_dict: Mapping[str, str]) -> "Database":
        """The settings' database, entered as the owner of the tables where ``MIGRATION_DATABASE_URL`` names one."""
        owner = conninfo_to_dict(os.environ.get("MIGRATION_DATABASE_URL", ""))
        return cls(
            name=settings_dict["NAME"],
            user=str(owner.get("user") or settings_dict["USER"]),
            password=str(owner.get("password") or settings_dict["PASSWORD"]),
            host=settings_dict["HOST"],
            port=str(settings_dict["PORT"]),
        )

    def environment(self) -> dict[str, str]:
        """libpq's variables, for the programs."""
        named = {"DATABASE": self.name, "USER": self.user, "PASSWORD": self.password, "HOST": self.host}
        return {f"PG{name}": value for name, value in {**named, "PORT": self.port}.items() if value}

    def connect(self) -> psycopg.Connection:
        """A connection of its own, beside Django's."""
        parameters = {"user": self.user, "password": self.password, "host": self.host, "port": self.port}
        return psycopg.connect(dbname=self.name, **{name: value for name, value in parameters.items() if value})


def run_tool(name: str, database: Database, *arguments: str | Path) -> None:
    """Runs pg_dump or psql to its end.

    Raises:
        ToolFailed: with the first line that the program complained with.
    """
    command = [find_tool(name), *map(str, arguments)]
    inherited = {key: value for key, value in os.environ.items() if not key.startswith("PG")}
    answer = subprocess.run(
        command, env=inherited | database.environment(), capture_output=True, text=True, check=False
    )
    if answer.returncode != 0:
        complaint = answer.stderr.strip().splitlines()[:1] or [f"it ended with status {answer.returncode}"]
        raise ToolFailed(f"{name} refused: {complaint[0]}")


def find_tool(name: str) -> str:
    """The program in ``PG_BIN``, else the one on PATH."""
    found = shutil.which(name, path=os.environ.get("PG_BIN")) or shutil.which(name)
    if found is None:
        raise ToolFailed(f"{name} was not found: set PG_BIN to the folder of PostgreSQL's programs.")
    return found
