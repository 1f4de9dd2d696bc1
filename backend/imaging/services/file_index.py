"""Which numbered file of a delivery each announced file becomes, and how long it will be.

A path can hold a patient's name, so none is kept and none stands in an address, which servers log: a file is known by
its place in the sender's list.
"""

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

INDEX_NAME = "files.sqlite"


@dataclass(frozen=True, kw_only=True)
class AnnouncedFile:
    """A file that the sender announced; ``name`` is its numbered name in the staging folder."""

    name: str
    size: int


def write_index(folder: Path, announced: Iterable[tuple[str, int]]) -> None:
    """Numbers the announced (path, size) from 1 in the order of their paths; their places in the list start at 0."""
    index = folder / INDEX_NAME
    index.touch(mode=0o600)
    by_path = sorted((path, size, place) for place, (path, size) in enumerate(announced))
    with _open(index) as database:
        database.execute("CREATE TABLE file (place INTEGER PRIMARY KEY, name TEXT NOT NULL, size INTEGER NOT NULL)")
        database.executemany(
            "INSERT INTO file VALUES (?, ?, ?)",
            ((place, _numbered(number, path), size) for number, (path, size, place) in enumerate(by_path, start=1)),
        )


def find_announced(folder: Path, place: int) -> AnnouncedFile | None:
    """The file that was announced at this place of the list."""
    with _open(folder / INDEX_NAME) as database:
        row = database.execute("SELECT name, size FROM file WHERE place = ?", [place]).fetchone()
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
