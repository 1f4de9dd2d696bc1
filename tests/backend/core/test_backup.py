"""A backup holds one state of database and files, is verified before anything changes, and comes back whole."""

import io
import json
import os
import signal
import stat
import subprocess
import sys
import tarfile
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage
from django.core.management import CommandError, call_command
from django.db import connections
from psycopg import sql

from backend.core import backup
from backend.core.backup import UNFINISHED_KEY, BackupRefused, stored_keys, verify_backup, write_backup
from backend.core.postgres_tools import Database, ToolFailed, run_tool
from backend.core.restore import restore_backup


@pytest.fixture
def server() -> Database:
    """The server of the suite, entered at its maintenance database."""
    settings_dict = connections["default"].settings_dict
    return Database.of_owner({**settings_dict, "NAME": "postgres"})


@pytest.fixture
def make_database(server: Database) -> Iterator:
    made: list[str] = []

    def make() -> Database:
        name = f"backup_{uuid.uuid4().hex[:12]}"
        with server.connect() as connection:
            connection.autocommit = True
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        made.append(name)
        return Database(name=name, user=server.user, password=server.password, host=server.host, port=server.port)

    yield make
    with server.connect() as connection:
        connection.autocommit = True
        for name in made:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def fill(database: Database, word: str) -> None:
    """A table with an append-only trigger, a sequence, and Django's list of migrations."""
    with database.connect() as connection:
        connection.execute("CREATE TABLE reading (id bigserial PRIMARY KEY, word text NOT NULL, values float8[])")
        connection.execute(
            "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'rows of reading are never changed'; END $$"
        )
        connection.execute("CREATE TRIGGER kept BEFORE UPDATE ON reading FOR EACH ROW EXECUTE FUNCTION refuse()")
        connection.execute("INSERT INTO reading (word, values) VALUES (%s, %s)", [word, [0.1, 1 / 3, 1e-300]])
        connection.execute("CREATE TABLE django_migrations (id serial, app text, name text)")
        connection.execute("INSERT INTO django_migrations (app, name) VALUES ('core', '0001_initial')")


def words(database: Database) -> list:
    with database.connect() as connection:
        return [row[0] for row in connection.execute("SELECT word FROM reading ORDER BY id").fetchall()]


def storage_with(folder: Path, **files: str) -> FileSystemStorage:
    storage = FileSystemStorage(location=folder)
    for name, content in files.items():
        storage.save(f"volumes/{name}", ContentFile(content.encode()))
    return storage


def contents(storage: FileSystemStorage) -> dict[str, str]:
    return {key: storage.open(key).read().decode() for key in stored_keys(storage)}


@pytest.fixture
def saved(make_database, tmp_path: Path) -> Path:
    """An archive of a small installation."""
    database = make_database()
    fill(database, "old")
    path = tmp_path / "petra.tar.gz"
    write_backup(path, database, storage_with(tmp_path / "source", first="one", second="two"))
    return path


@pytest.fixture
def occupied(make_database, tmp_path: Path) -> tuple[Database, FileSystemStorage]:
    """Another installation, whose state must survive whatever fails."""
    database = make_database()
    fill(database, "new")
    return database, storage_with(tmp_path / "target", second="two", third="three")


def test_database_and_files_come_back_in_an_empty_place(saved: Path, make_database, tmp_path: Path) -> None:
    database, storage = make_database(), FileSystemStorage(location=tmp_path / "empty")
    restore_backup(saved, database, storage)
    assert contents(storage) == {"volumes/first": "one", "volumes/second": "two"}
    with database.connect() as connection:
        assert connection.execute("SELECT values FROM reading").fetchone() == ([0.1, 1 / 3, 1e-300],)
        assert connection.execute("INSERT INTO reading (word) VALUES ('next') RETURNING id").fetchone() == (2,)
        with pytest.raises(psycopg.errors.RaiseException):
            connection.execute("UPDATE reading SET word = 'changed'")


def test_a_restore_replaces_rows_and_removes_files_that_the_backup_does_not_know(saved: Path, occupied) -> None:
    database, storage = occupied
    restore_backup(saved, database, storage, replace=True)
    assert words(database) == ["old"]
    assert contents(storage) == {"volumes/first": "one", "volumes/second": "two"}


def test_a_database_that_is_not_empty_is_kept_unless_told_otherwise(saved: Path, occupied) -> None:
    with pytest.raises(BackupRefused, match="is not empty: add --replace"):
        restore_backup(saved, *occupied)
    assert_untouched(*occupied)


def assert_untouched(database: Database, storage: FileSystemStorage) -> None:
    assert words(database) == ["new"]
    assert {"volumes/second": "two", "volumes/third": "three"}.items() <= contents(storage).items()


def test_a_database_in_use_is_kept(saved: Path, occupied) -> None:
    database, storage = occupied
    with database.connect(), pytest.raises(BackupRefused, match="is in use"):
        restore_backup(saved, database, storage, replace=True)
    assert_untouched(database, storage)


@pytest.mark.parametrize("place", [0.3, 0.6, 0.95])
def test_an_archive_with_a_changed_byte_is_refused_before_anything_changes(saved: Path, occupied, place: float) -> None:
    spoilt = bytearray(saved.read_bytes())
    spoilt[int(len(spoilt) * place)] ^= 0xFF
    saved.write_bytes(spoilt)
    with pytest.raises(BackupRefused):
        restore_backup(saved, *occupied, replace=True)
    assert_untouched(*occupied)


@pytest.mark.parametrize("place", [0, 10, 0.5, 0.9])
def test_an_archive_that_is_cut_short_is_refused(saved: Path, occupied, place: float) -> None:
    whole = saved.read_bytes()
    saved.write_bytes(whole[: int(len(whole) * place) if place < 1 else int(place)])
    with pytest.raises(BackupRefused):
        restore_backup(saved, *occupied, replace=True)
    assert_untouched(*occupied)


def rewrite(path: Path, change) -> None:
    """The archive with its members changed; hashes and compression are valid again where ``change`` makes them so."""
    with tarfile.open(path) as archive:
        members = [(member.name, archive.extractfile(member).read()) for member in archive]
    with tarfile.open(path, "w:gz") as archive:
        for name, content in change(members):
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))


def test_a_file_that_was_exchanged_is_named(saved: Path) -> None:
    rewrite(saved, lambda members: [(n, b"other" if n.endswith("first") else c) for n, c in members])
    with pytest.raises(BackupRefused, match="files/volumes/first differs from its hash"):
        verify_backup(saved)


def test_a_file_that_is_missing_is_named(saved: Path) -> None:
    rewrite(saved, lambda members: [(n, c) for n, c in members if not n.endswith("first")])
    with pytest.raises(BackupRefused, match="files/volumes/first differs"):
        verify_backup(saved)


@pytest.mark.parametrize("name", ["../outside", "files/../../outside", "/etc/passwd", "files//x"])
def test_an_archive_that_would_write_elsewhere_is_refused(saved: Path, name: str) -> None:
    rewrite(saved, lambda members: [(name, b"x"), *members])
    with pytest.raises(BackupRefused, match="which no backup of PETRA does"):
        verify_backup(saved)


def test_an_unknown_format_is_refused(saved: Path) -> None:
    def newer(members):
        content = dict(members)
        manifest = json.loads(content["manifest.json"]) | {"format": 2}
        return (content | {"manifest.json": json.dumps(manifest).encode()}).items()

    rewrite(saved, newer)
    with pytest.raises(BackupRefused, match="has format 2"):
        verify_backup(saved)


def test_a_backup_of_a_newer_version_is_refused(saved: Path, occupied) -> None:
    with pytest.raises(BackupRefused, match=r"made by a newer PETRA \(it has core.0001_initial\)"):
        restore_backup(saved, *occupied, replace=True, known_migrations={"core.0000_older"})
    assert_untouched(*occupied)


def test_an_archive_is_private_and_never_overwritten(saved: Path, occupied) -> None:
    assert stat.S_IMODE(saved.stat().st_mode) == 0o600
    with pytest.raises(BackupRefused, match="exists already"):
        write_backup(saved, *occupied)


def test_a_dump_that_fails_leaves_no_archive(tmp_path: Path, server: Database) -> None:
    missing = Database(name="no_such_database", user=server.user, host=server.host, port=server.port)
    with pytest.raises((ToolFailed, psycopg.OperationalError)):
        write_backup(tmp_path / "petra.tar.gz", missing, storage_with(tmp_path / "files"))
    assert [path.name for path in tmp_path.glob("petra*")] == []


def test_a_dump_that_psql_refuses_leaves_the_database_as_it_was(saved: Path, occupied) -> None:
    def broken(members):
        content = dict(members)
        content["database.sql"] += b"\nSELECT no_such_function();\n"
        manifest = json.loads(content["manifest.json"])
        manifest["sha256"]["database.sql"] = backup.sha256_of(io.BytesIO(content["database.sql"]))
        return (content | {"manifest.json": json.dumps(manifest).encode()}).items()

    rewrite(saved, broken)
    with pytest.raises(ToolFailed, match="no_such_function"):
        restore_backup(saved, *occupied, replace=True)
    assert_untouched(*occupied)


def test_a_damaged_file_is_replaced_by_the_whole_one(saved: Path, occupied) -> None:
    database, storage = occupied
    Path(storage.path("volumes/second")).write_text("tw")
    restore_backup(saved, database, storage, replace=True)
    assert contents(storage)["volumes/second"] == "two"


KILLED = """
import os, sys, time
from pathlib import Path
from django.conf import settings
settings.configure()
from django.core.files.storage import FileSystemStorage
from backend.core import restore
from backend.core.postgres_tools import Database
name, user, host, path, folder, point = sys.argv[1:]
whole = getattr(restore, point)
def stop_here(*arguments, **named):
    Path(folder, "..", "reached").touch()
    time.sleep(60)
setattr(restore, point, stop_here)
database = Database(name=name, user=user, host=host)
restore.restore_backup(Path(path), database, FileSystemStorage(location=folder), replace=True)
"""


@pytest.mark.parametrize("point", ["add_files", "replace_database"])
def test_a_restore_that_is_killed_leaves_the_old_state_and_says_so(
    saved: Path, occupied, tmp_path: Path, point: str
) -> None:
    database, storage = occupied
    arguments = (database.name, database.user, database.host, str(saved), storage.location, point)
    child = subprocess.Popen([sys.executable, "-c", KILLED, *arguments], env=os.environ | database.environment())
    while not (tmp_path / "reached").exists():
        assert child.poll() is None
        time.sleep(0.05)
    child.send_signal(signal.SIGKILL)
    child.wait()
    assert_untouched(database, storage)
    with pytest.raises(BackupRefused, match="A restore was interrupted here"):
        write_backup(tmp_path / "another.tar.gz", database, storage)
    restore_backup(saved, database, storage, replace=True)
    assert (words(database), contents(storage)) == (["old"], {"volumes/first": "one", "volumes/second": "two"})
    assert not storage.exists(UNFINISHED_KEY)


def test_a_backup_is_one_moment_although_work_goes_on(make_database, tmp_path: Path, monkeypatch) -> None:
    database = make_database()
    fill(database, "before")
    storage = storage_with(tmp_path / "files", first="one")

    def dump_then_work_on(*arguments):
        run_tool(*arguments)
        storage.save("volumes/later", ContentFile(b"later"))
        with database.connect() as connection:
            connection.execute("INSERT INTO reading (word) VALUES ('after')")

    monkeypatch.setattr(backup, "run_tool", dump_then_work_on)
    path = tmp_path / "petra.tar.gz"
    write_backup(path, database, storage)
    monkeypatch.undo()
    target = make_database()
    restore_backup(path, target, FileSystemStorage(location=tmp_path / "target"))
    assert words(target) == ["before"]


def test_missing_programs_are_a_sentence(server: Database, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PG_BIN", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ToolFailed, match="pg_dump was not found: set PG_BIN"):
        run_tool("pg_dump", server)


@pytest.mark.django_db
def test_the_command_makes_a_verified_backup_of_the_platform(tmp_path: Path, settings, capsys) -> None:
    path = tmp_path / "petra.tar.gz"
    call_command("backup", path)
    manifest = verify_backup(path)
    assert "contenttypes.0001_initial" in manifest.migrations
    assert "verified" in capsys.readouterr().out


@pytest.mark.django_db(transaction=True)
def test_the_command_does_not_restore_over_a_platform_in_use(tmp_path: Path) -> None:
    path = tmp_path / "petra.tar.gz"
    call_command("backup", path)
    with pytest.raises(CommandError, match="add --replace"):
        call_command("restore", path)
