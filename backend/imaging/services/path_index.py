"""Which numbered file of a delivery belongs to which path of the sender, and how long it will be.

A path can hold a patient's name, so it is kept in the staging folder only, and is erased with it.
"""

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

INDEX_NAME = "paths.sqlite"


@dataclass(frozen=True, kw_only=True)
class AnnouncedFile:
    """A file that the sender announced; ``name`` is its numbered name in the staging folder."""

    name: str
    size: int


def write_index(folder: Path, announced: Iterable[tuple[str, int]]) -> None:
    """Numbers the announced (path, size) from 1 in the order of their paths."""
    index = folder / INDEX_NAME
    index.touch(mode=0o600)
    with _open(index) as database:
        database.execute("CREATE TABLE file (path TEXT PRIMARY KEY, name TEXT NOT NULL, size INTEGER NOT NULL)")
        database.executemany(
            "INSERT INTO file VALUES (?, ?, ?)",
            ((path, _numbered(number, path), size) for number, (path, size) in enumerate(sorted(announced), start=1)),
        )


def find_announced(folder: Path, path: str) -> AnnouncedFile | None:
    """The file that was announced under this path."""
    with _open(folder / INDEX_NAME) as database:
        row = database.execute("SELECT name, size FROM file WHERE path = ?", [path]).fetchone()
    return AnnouncedFile(name=row[0], size=row[1]) if row else None


def all_announced(folder: Path) -> list[AnnouncedFile]:
    """Every announced file in the order of the numbers."""
    with _open(folder / INDEX_NAME) as database:
        rows = database.execute("SELECT name, size FROM file ORDER BY name").fetchall()
    return [AnnouncedFile(name=name, size=size) for name, size in rows]


def _numbered(number: int, path: str) -> str:
    # The import unpacks what is called a zip; nothing else of the sender's name is needed.
    return f"{number:07d}{'.zip' if path.lower().endswith('.zip') else ''}"


@contextmanager
def _open(index: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(index)) as database, database:
        yield database
