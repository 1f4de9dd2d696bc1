"""Puts an archive of ``backup`` back, so that a process killed on the way leaves the old state or says what to do.

Files come first: their names are hashes, so adding them changes nothing that the old database names. Then the database
is replaced in one transaction. Only then are the files removed that the new database does not know.
"""

import tarfile
import tempfile
from collections.abc import Collection
from pathlib import Path

from django.core.files.base import ContentFile, File
from django.core.files.storage import Storage

from backend.core.backup import (
    CHUNK_BYTES,
    DATABASE_MEMBER,
    FILES_PREFIX,
    UNFINISHED_KEY,
    BackupRefused,
    Manifest,
    sha256_of,
    stored_keys,
    verify_backup,
)
from backend.core.postgres_tools import Database, run_tool

# The schema goes with everything in it; default privileges belong to the database and stay.
EMPTY_DATABASE = """
SET client_min_messages = warning;
DROP SCHEMA public CASCADE;
CREATE SCHEMA public;
GRANT USAGE ON SCHEMA public TO PUBLIC;
"""


def restore_backup(
    path: Path, database: Database, storage: Storage, *, replace: bool = False, known_migrations: Collection[str] = ()
) -> Manifest:
    """Restores database and files; everything is verified before the first change.

    Raises:
        BackupRefused: the archive is damaged or of a newer version, the database is not empty and ``replace`` is
            false, or someone is connected to it.
        ToolFailed: psql could not apply the dump; the database is as it was.
    """
    manifest = verify_backup(path)
    refuse_newer(manifest, known_migrations)
    refuse_occupied(database, replace=replace)
    mark_unfinished(storage, path)
    with tempfile.TemporaryDirectory() as folder:
        dump = add_files(path, storage, Path(folder))
        replace_database(database, dump, Path(folder))
    for key in set(stored_keys(storage)) - manifest.keys():
        storage.delete(key)
    storage.delete(UNFINISHED_KEY)
    return manifest


def refuse_newer(manifest: Manifest, known_migrations: Collection[str]) -> None:
    """A dump of a newer version would be read wrongly by this one; an older one is brought up to date by migrate."""
    unknown = [name for name in manifest.migrations if known_migrations and name not in known_migrations]
    if unknown:
        raise BackupRefused(f"The backup was made by a newer PETRA (it has {unknown[0]}): install that version first.")


def refuse_occupied(database: Database, *, replace: bool) -> None:
    """Nothing is overwritten by accident, and nobody works in what is being replaced."""
    with database.connect() as connection:
        tables = connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone()
        others = connection.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
            "AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
        ).fetchone()
    if tables != (0,) and not replace:
        raise BackupRefused(f"The database {database.name} is not empty: add --replace to put the backup in its place.")
    if others != (0,):
        raise BackupRefused("The database is in use: stop the web server and the workers, then restore.")


def mark_unfinished(storage: Storage, path: Path) -> None:
    """Leaves a note that stays if this process is killed."""
    if storage.exists(UNFINISHED_KEY):
        storage.delete(UNFINISHED_KEY)
    storage.save(UNFINISHED_KEY, ContentFile(path.name.encode()))


def add_files(path: Path, storage: Storage, folder: Path) -> Path:
    """Adds the archive's files to the storage and returns where the dump was put."""
    dump = folder / DATABASE_MEMBER
    with tarfile.open(path, mode="r|gz") as archive:
        for member in archive:
            content = archive.extractfile(member)
            if content is None:
                continue
            if member.name == DATABASE_MEMBER:
                with dump.open("wb") as file:
                    while chunk := content.read(CHUNK_BYTES):
                        file.write(chunk)
            elif member.name.startswith(FILES_PREFIX):
                add_file(storage, member.name.removeprefix(FILES_PREFIX), File(content), folder)
    return dump


def add_file(storage: Storage, key: str, content: File, folder: Path) -> None:
    """Keeps a file that is there already and whole; one that differs is damaged, since its name is its hash."""
    draft = folder / "file"
    with draft.open("wb") as file:
        while chunk := content.read(CHUNK_BYTES):
            file.write(chunk)
    with draft.open("rb") as wanted:
        if storage.exists(key):
            with storage.open(key, "rb") as present:
                if sha256_of(present) == sha256_of(wanted):
                    return
            storage.delete(key)
        wanted.seek(0)
        storage.save(key, File(wanted))


def replace_database(database: Database, dump: Path, folder: Path) -> None:
    """Empties and fills the database in one transaction: psql reads files, so a killed parent cannot cut them short."""
    emptying = folder / "empty.sql"
    emptying.write_text(EMPTY_DATABASE)
    options = ("--no-psqlrc", "--quiet", "--single-transaction", "--set", "ON_ERROR_STOP=1")
    run_tool("psql", database, *options, "--file", emptying, "--file", dump)
