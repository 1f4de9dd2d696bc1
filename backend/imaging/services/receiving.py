"""Files sent in pieces: announced first, then appended piece by piece, and imported when the sender says so.

What counts as received is what lies on the disk. A piece is appended only where the file ends: when a sender, a network
or a server dies in the middle, nothing that was written is lost, and the transfer goes on from there.
"""

import fcntl
import os
import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import BinaryIO

from backend.accounts.models import User
from backend.cohorts.models import Centre, Cohort
from backend.core.errors import Conflict, InvalidInput, NotFound
from backend.imaging.models import Upload
from backend.imaging.services.file_index import (
    INDEX_NAME,
    AnnouncedFile,
    all_announced,
    find_announced,
    write_index,
)
from backend.imaging.services.uploads import UNPACKED_LIMIT_BYTES, create_upload, staging_root, start_import
from backend.jobs.models import Job, JobKind
from backend.jobs.selectors import latest_job

CHUNK_LIMIT_BYTES = 8 * 1024**2
ANNOUNCED_LIMIT = 100_000
PATH_LIMIT_CHARACTERS = 2_000
# De-identified copies and volumes are written while the delivery still lies there.
ROOM_PER_BYTE = 2
DELIVERY = "delivery"
INCOMPLETE_SUFFIX = ".incomplete"


def announce_upload(
    *,
    cohort: Cohort,
    announced: Sequence[tuple[str, int]],
    actor: User,
    source: str = "browser",
    centre: Centre | None = None,
) -> Upload:
    """A delivery that waits for these (path, bytes). Raises InvalidInput where it is too much or not clear."""
    _check_announced(announced)
    total_bytes = sum(size for _, size in announced)
    _check_room(total_bytes)
    upload = create_upload(cohort=cohort, source=source, actor=actor, centre=centre)
    folder = staging_root() / upload.staging_folder
    write_index(folder, announced)
    (folder / DELIVERY).mkdir(mode=0o700)
    Upload.objects.filter(pk=upload.pk).update(file_count=len(announced), byte_count=total_bytes)
    return upload


def _check_announced(announced: Sequence[tuple[str, int]]) -> None:
    if not announced:
        raise InvalidInput("The folder is empty: choose a folder of DICOM files or a zip.")
    if len(announced) > ANNOUNCED_LIMIT:
        raise InvalidInput(
            f"These are {len(announced):,} files, but a browser can send {ANNOUNCED_LIMIT:,} at once: "
            "send the patients in parts, or import the folder on the server with manage.py import_dicom."
        )
    if len({path for path, _ in announced}) < len(announced):
        raise InvalidInput("Two of the files have the same path: send each file once.")
    if any(not path or len(path) > PATH_LIMIT_CHARACTERS or size < 0 for path, size in announced):
        raise InvalidInput("A file has no usable path or size: choose the folder again.")


def _check_room(total_bytes: int) -> None:
    if total_bytes > UNPACKED_LIMIT_BYTES:
        raise InvalidInput(f"The delivery is larger than {UNPACKED_LIMIT_BYTES // 1024**3} GB: send it in parts.")
    free_bytes = shutil.disk_usage(staging_root()).free
    if total_bytes * ROOM_PER_BYTE > free_bytes:
        raise InvalidInput(
            f"The server has room for {free_bytes / ROOM_PER_BYTE / 1024**3:.1f} GB, but the delivery is "
            f"{total_bytes / 1024**3:.1f} GB: send it in parts, or ask for more disk space."
        )


def received_bytes(upload: Upload, place: int) -> int:
    """How much of the file at this place of the announced list lies on the disk."""
    return _size(_target(upload, _announced(upload, place)))


def receive_chunk(upload: Upload, place: int, offset: int, body: BinaryIO) -> int:
    """Appends a piece that starts at ``offset`` and returns how much of the file is there now.

    A piece that was written before is not written again. Raises Conflict where the piece would leave a hole, and
    InvalidInput where it, or the file with it, is longer than allowed.
    """
    announced = _announced(upload, place)
    with _locked(_target(upload, announced)) as target:
        received = target.seek(0, os.SEEK_END)
        if offset > received:
            raise Conflict(f"The server holds {received:,} bytes of this file: go on from there.")
        if offset < received:
            return received
        try:
            _append(target, body, announced.size - received)
        except InvalidInput:
            target.truncate(received)
            raise
        return target.tell()


def _append(target: BinaryIO, body: BinaryIO, room_bytes: int) -> None:
    written = 0
    while part := body.read(1 << 16):
        written += len(part)
        if written > CHUNK_LIMIT_BYTES:
            raise InvalidInput(f"A piece may have at most {CHUNK_LIMIT_BYTES // 1024**2} MiB: send smaller ones.")
        if written > room_bytes:
            raise InvalidInput("The file is longer than was announced: it changed meanwhile, send it again.")
        target.write(part)


def _locked(target: Path) -> BinaryIO:
    """The file, opened for appending; a second piece of the same file waits until the first is written."""
    handle = os.fdopen(os.open(target, os.O_CREAT | os.O_RDWR, 0o600), "r+b", buffering=0)
    fcntl.flock(handle, fcntl.LOCK_EX)
    return handle


def finish_upload(*, upload: Upload, actor: User) -> Job:
    """Queues the import of what has arrived; files that are not complete are marked and will be refused.

    Doing it again answers the same job. Afterwards nothing can be added.
    """
    if started := latest_job(kind=JobKind.IMPORT_DICOM, subject_id=str(upload.pk)):
        return started
    folder = _folder(upload)
    announced = all_announced(folder)
    incomplete = [file for file in announced if _size(_target(upload, file)) < file.size]
    if len(incomplete) == len(announced):
        raise Conflict("No file has arrived completely: send the files again.")
    _mark_incomplete(folder / DELIVERY, incomplete)
    _touch_empty(upload, announced)
    job = start_import(upload=upload, actor=actor)
    (folder / INDEX_NAME).unlink()
    return job


def _mark_incomplete(delivery: Path, incomplete: Iterable[AnnouncedFile]) -> None:
    """Keeps the place of each in the numbering and nothing of its contents."""
    for file in incomplete:
        (delivery / file.name).unlink(missing_ok=True)
        (delivery / f"{Path(file.name).stem}{INCOMPLETE_SUFFIX}").touch(mode=0o600)


def _touch_empty(upload: Upload, announced: Iterable[AnnouncedFile]) -> None:
    """A file of no bytes may never have been sent; it counts in the numbering all the same."""
    for file in announced:
        if file.size == 0:
            _target(upload, file).touch(mode=0o600)


def incomplete_ordinals(upload: Upload) -> set[int]:
    """The places in the delivery of files that did not arrive completely."""
    delivery = staging_root() / upload.staging_folder / DELIVERY
    return {int(path.stem) for path in delivery.glob(f"*{INCOMPLETE_SUFFIX}")}


def own_upload(cohort: Cohort, upload_id: object, user: User) -> Upload:
    """The person's own delivery in the cohort; nobody can add to another's."""
    upload = Upload.objects.filter(cohort=cohort, pk=upload_id, uploaded_by=user).first()
    if upload is None:
        raise NotFound("There is no such delivery of yours in this cohort.")
    return upload


def _announced(upload: Upload, place: int) -> AnnouncedFile:
    announced = find_announced(_folder(upload), place)
    if announced is None:
        raise InvalidInput("This file was not announced: start the delivery again with all its files.")
    return announced


def _folder(upload: Upload) -> Path:
    """The staging folder while files may be added. Raises Conflict once the import was started or it was discarded."""
    folder = staging_root() / upload.staging_folder
    if not upload.staging_folder or not (folder / INDEX_NAME).is_file():
        raise Conflict("This delivery is no longer waiting for files: start a new one.")
    return folder


def _target(upload: Upload, announced: AnnouncedFile) -> Path:
    return staging_root() / upload.staging_folder / DELIVERY / announced.name


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0
