"""Both services together: locked to one folder, described to children by environment variables, always stopped."""

import contextlib
import fcntl
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import IO, TypeVar

from tools.services.errors import ServicesError
from tools.services.postgres import APPLICATION_ROLE, OWNER_ROLE, Postgres
from tools.services.process import undisturbed
from tools.services.valkey import Valkey

Service = TypeVar("Service", Postgres, Valkey)


@contextlib.contextmanager
def running_services(root: Path, *, durable: bool = True) -> Iterator[dict[str, str]]:
    """Runs PostgreSQL and Valkey below ``root`` and yields the variables that name them.

    ``DATABASE_URL`` and ``REDIS_URL`` of the environment win: that service is then not started. A durable database
    has two roles, ``DATABASE_URL`` for web and worker and ``MIGRATION_DATABASE_URL`` for its owner; a fast one
    (tests, which create databases) has the owner alone.

    Raises:
        ServicesError: the folder is in use, or a server did not start.
    """
    root = root.resolve()
    with locked(root), contextlib.ExitStack() as started:
        environment: dict[str, str] = {}
        if "DATABASE_URL" not in os.environ:
            environment |= _database_variables(_start(Postgres(root, durable=durable), started))
        if "REDIS_URL" not in os.environ:
            environment["REDIS_URL"] = _start(Valkey(root, durable=durable), started).url()
        yield environment


def _start(service: Service, started: contextlib.ExitStack) -> Service:
    started.callback(_stop_undisturbed, service)
    service.start()
    return service


def _database_variables(postgres: Postgres) -> dict[str, str]:
    owner_url = postgres.url(OWNER_ROLE)
    variables = {"PG_BIN": str(postgres.bin)}
    if not postgres.durable:
        return variables | {"DATABASE_URL": owner_url}
    return variables | {"DATABASE_URL": postgres.url(APPLICATION_ROLE), "MIGRATION_DATABASE_URL": owner_url}


def _stop_undisturbed(service: Postgres | Valkey) -> None:
    with undisturbed():
        service.stop()


@contextlib.contextmanager
def locked(root: Path) -> Iterator[None]:
    """One launcher per folder; the kernel frees the lock however the launcher ends."""
    with _lock_file(root) as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise ServicesError(
                f"PETRA already runs in {root}: stop that one first (Ctrl-C in its terminal), or choose another folder."
            ) from error
        yield


def _lock_file(root: Path) -> IO[str]:
    try:
        root.mkdir(parents=True, exist_ok=True)
        return (root / "lock").open("w")
    except OSError as error:
        raise ServicesError(
            f"{root} cannot be written ({error.strerror}): run as the user who owns it, or choose another folder."
        ) from error


def exit_on_termination() -> None:
    """Turns SIGTERM and a closed terminal into SystemExit, so that every ``finally`` runs as it does after Ctrl-C.

    Python leaves SIGINT alone where the shell started it in the background; here Ctrl-C must always stop the servers.
    """
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _exit)


def _exit(number: int, frame: FrameType | None) -> None:
    raise SystemExit(128 + number)
