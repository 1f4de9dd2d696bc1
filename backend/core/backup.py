"""One archive of the whole platform: a dump of the database, every stored file, and a manifest of their hashes.

The dump is one snapshot, taken before the files are listed. Files are written before the row that names them and are
never changed, so each file that the snapshot names is in the list. The archive is a gzipped tar with ``database.sql``,
``files/KEY`` and, last, ``manifest.json``.
"""

import gzip
import hashlib
import io
import json
import os
import tarfile
import tempfile
import zlib
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from django.core.files.storage import Storage

from backend.core.errors import DomainError
from backend.core.postgres_tools import Database, run_tool

FORMAT = 1
DATABASE_MEMBER = "database.sql"
MANIFEST_MEMBER = "manifest.json"
FILES_PREFIX = "files/"
# Written into the storage while a restore puts files there; a restore that was killed leaves it.
UNFINISHED_KEY = "restore-unfinished"
CHUNK_BYTES = 1 << 20
DUMP_OPTIONS = ("--format=plain", "--no-owner", "--no-privileges", "--encoding=UTF8")


class BackupRefused(DomainError):
    """The archive cannot be written or read; nothing was changed."""


@dataclass
class Manifest:
    """What an archive holds: SHA-256 by member, and the migrations that the database had."""

    created_at: str
    migrations: list[str]
    sha256: dict[str, str] = field(default_factory=dict)
    format: int = FORMAT

    def keys(self) -> set[str]:
        """The storage's keys of the files."""
        return {name.removeprefix(FILES_PREFIX) for name in self.sha256 if name.startswith(FILES_PREFIX)}


def write_backup(path: Path, database: Database, storage: Storage) -> Manifest:
    """Writes the archive; ``path`` appears only when it is complete.

    Raises:
        BackupRefused: ``path`` exists, or a restore was interrupted and the files are not whole.
        ToolFailed: pg_dump could not read the database.
    """
    if path.exists():
        raise BackupRefused(f"{path} exists already: name a new file.")
    if storage.exists(UNFINISHED_KEY):
        raise BackupRefused("A restore was interrupted here: run it again before making a backup.")
    draft = path.with_name(path.name + ".partial")
    try:
        with os.fdopen(os.open(draft, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            manifest = _write_archive(file, database, storage)
            os.fsync(file.fileno())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    return manifest


def _write_archive(file: IO[bytes], database: Database, storage: Storage) -> Manifest:
    manifest = Manifest(created_at=datetime.now(UTC).isoformat(timespec="seconds"), migrations=_migrations(database))
    with tarfile.open(fileobj=file, mode="w:gz", compresslevel=1) as archive:
        with tempfile.TemporaryDirectory() as folder:
            dump = Path(folder, DATABASE_MEMBER)
            run_tool("pg_dump", database, *DUMP_OPTIONS, "--file", dump)
            with dump.open("rb") as content:
                _add(archive, manifest, DATABASE_MEMBER, content, dump.stat().st_size)
        for key in sorted(stored_keys(storage)):
            # A patient's withdrawal may erase a file after the list was made.
            if storage.exists(key):
                with storage.open(key, "rb") as content:
                    _add(archive, manifest, FILES_PREFIX + key, content, storage.size(key))
        text = json.dumps(asdict(manifest), indent=1).encode()
        archive.addfile(_member(MANIFEST_MEMBER, len(text)), io.BytesIO(text))
    return manifest


def _add(archive: tarfile.TarFile, manifest: Manifest, name: str, content: IO[bytes], size: int) -> None:
    hashed = HashedReader(content)
    archive.addfile(_member(name, size), hashed)
    manifest.sha256[name] = hashed.digest.hexdigest()


def _member(name: str, size: int) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.size, member.mode = size, 0o600
    return member


def _migrations(database: Database) -> list[str]:
    with database.connect() as connection:
        if connection.execute("SELECT to_regclass('public.django_migrations')").fetchone() == (None,):
            return []
        rows = connection.execute("SELECT app, name FROM public.django_migrations ORDER BY id").fetchall()
    return [f"{app}.{name}" for app, name in rows]


class HashedReader:
    """Passes bytes on and hashes them on the way."""

    def __init__(self, content: IO[bytes]) -> None:
        self.content = content
        self.digest = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        part = self.content.read(size)
        self.digest.update(part)
        return part


def stored_keys(storage: Storage, folder: str = "") -> Iterator[str]:
    """The keys of all files; none where nothing was stored yet."""
    try:
        folders, files = storage.listdir(folder)
    except FileNotFoundError:
        return
    for name in files:
        key = f"{folder}/{name}" if folder else name
        if key != UNFINISHED_KEY:
            yield key
    for name in folders:
        yield from stored_keys(storage, f"{folder}/{name}" if folder else name)


def verify_backup(path: Path) -> Manifest:
    """Reads the whole archive and compares every member with the manifest.

    Raises:
        BackupRefused: it is not an archive of this platform, is cut short, or a member differs from its hash.
    """
    found: dict[str, str] = {}
    text = b""
    try:
        with tarfile.open(path, mode="r|gz") as archive:
            for member in archive:
                content = archive.extractfile(member)
                if content is None or not _is_ours(member.name):
                    raise BackupRefused(f"{path} holds {member.name!r}, which no backup of PETRA does.")
                if member.name == MANIFEST_MEMBER:
                    text = content.read()
                else:
                    found[member.name] = sha256_of(content)
    except (OSError, EOFError, zlib.error, gzip.BadGzipFile, tarfile.TarError) as error:
        raise BackupRefused(f"{path} cannot be read as a backup ({error}): use another copy of it.") from error
    return _checked_manifest(path, text, found)


def _checked_manifest(path: Path, text: bytes, found: dict[str, str]) -> Manifest:
    if not text:
        raise BackupRefused(f"{path} ends before its manifest: it is not complete, use another copy of it.")
    try:
        manifest = Manifest(**json.loads(text))
    except (ValueError, TypeError) as error:
        raise BackupRefused(f"{path} has a manifest that cannot be read: use another copy of it.") from error
    if manifest.format != FORMAT:
        raise BackupRefused(f"{path} has format {manifest.format}, but this version of PETRA reads {FORMAT}.")
    differing = sorted(
        name for name in found.keys() | manifest.sha256.keys() if found.get(name) != manifest.sha256.get(name)
    )
    if differing:
        raise BackupRefused(f"{path} is damaged: {differing[0]} differs from its hash; use another copy of it.")
    return manifest


def _is_ours(name: str) -> bool:
    if name in {DATABASE_MEMBER, MANIFEST_MEMBER}:
        return True
    parts = name.removeprefix(FILES_PREFIX).split("/")
    return name.startswith(FILES_PREFIX) and not {"", ".", ".."} & set(parts)


def sha256_of(content: IO[bytes]) -> str:
    """The hex digest of what is left in a stream, read in chunks."""
    reader = HashedReader(content)
    while reader.read(CHUNK_BYTES):
        pass
    return reader.digest.hexdigest()
