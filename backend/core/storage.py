"""Stored files: immutable, named by their own SHA-256 under an owner's folder, never overwritten."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from django.core.files import File
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

CHUNK_BYTES = 1 << 20


@dataclass(frozen=True, kw_only=True)
class StoredFile:
    """Where a file lies in the storage and what is in it."""

    key: str
    sha256: str
    size: int


def file_sha256(path: Path) -> str:
    """The hex digest of a file, read in chunks."""
    digest = hashlib.sha256()
    with path.open("rb") as handle:
        while chunk := handle.read(CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()


def store_bytes(content: bytes, *, folder: str, suffix: str = "") -> StoredFile:
    """Keeps ``content`` under ``folder``; storing the same bytes again is the same file."""
    sha256 = hashlib.sha256(content).hexdigest()
    key = f"{folder}/{sha256}{suffix}"
    if not default_storage.exists(key):
        default_storage.save(key, ContentFile(content))
    return StoredFile(key=key, sha256=sha256, size=len(content))


def store_path(path: Path, *, folder: str, suffix: str = "") -> StoredFile:
    """Keeps the file at ``path`` under ``folder``; the original stays where it is."""
    sha256 = file_sha256(path)
    key = f"{folder}/{sha256}{suffix}"
    if not default_storage.exists(key):
        with path.open("rb") as handle:
            default_storage.save(key, File(handle))
    return StoredFile(key=key, sha256=sha256, size=path.stat().st_size)


def read_bytes(key: str) -> bytes:
    """The whole content of a stored file."""
    with default_storage.open(key, "rb") as handle:
        return handle.read()


def fetch_to(key: str, path: Path) -> Path:
    """Copies a stored file to a local path, in chunks; the folder is made."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with default_storage.open(key, "rb") as source, path.open("wb") as target:
        while chunk := source.read(CHUNK_BYTES):
            target.write(chunk)
    return path


def files_below(folder: str) -> list[str]:
    """The keys of every file below a folder, at any depth; none where there is no such folder."""
    try:
        folders, names = default_storage.listdir(folder)
    except FileNotFoundError:
        return []
    deeper = [key for name in folders for key in files_below(f"{folder}/{name}")]
    return deeper + [f"{folder}/{name}" for name in names]


def erase_folder(folder: str) -> int:
    """Removes every file below a folder for good; how many there were."""
    keys = files_below(folder)
    for key in keys:
        default_storage.delete(key)
    return len(keys)


def erase(key: str) -> None:
    """Removes a payload for good (a patient's withdrawal); the row that names it stays as a tombstone."""
    if default_storage.exists(key):
        default_storage.delete(key)
