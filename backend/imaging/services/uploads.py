"""Deliveries of files on their way in: staged, imported by a job, and gone when the job has ended."""

import shutil
import zipfile
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.db.models.functions import Now

from backend.accounts.models import User
from backend.audit.services import record_audit
from backend.cohorts.models import Centre, Cohort
from backend.core.errors import InvalidInput
from backend.imaging.models import Upload
from backend.jobs.models import Job, JobKind
from backend.jobs.services import enqueue_job

# A zip may not unpack to more than this, nor be more than this many times larger than it is packed (a "bomb").
UNPACKED_LIMIT_BYTES = 200 * 1024**3
UNPACKED_RATIO_LIMIT = 200
FILE_COUNT_LIMIT = 500_000


def staging_root() -> Path:
    """Where deliveries wait. Never in the object storage: they are not yet de-identified."""
    root = Path(settings.PETRA_DATA_DIR) / "staging"
    root.mkdir(parents=True, exist_ok=True, mode=0o700)
    return root


def create_upload(*, cohort: Cohort, source: str, actor: User | None, centre: Centre | None = None) -> Upload:
    """A delivery with an empty staging folder; its name is the upload's identifier, never that of a person."""
    with transaction.atomic():
        upload = Upload.objects.create(cohort=cohort, source=source, uploaded_by=actor, centre=centre)
        upload.staging_folder = str(upload.pk)
        upload.save(update_fields=["staging_folder"])
        record_audit(action="upload.create", subject=upload, actor=actor, cohort_uuid=cohort.pk, after=_from(centre))
    (staging_root() / upload.staging_folder).mkdir(mode=0o700)
    return upload


def _from(centre: Centre | None) -> dict:
    return {"centre": centre.name} if centre else {}


def stage_local_path(*, cohort: Cohort, path: Path, actor: User | None, centre: Centre | None = None) -> Upload:
    """A delivery that lies on this machine: staged as a link, so that nothing is copied and no path is stored."""
    if not path.exists():
        raise InvalidInput(f"There is no file or folder {path}: name a folder of DICOM files or a zip.")
    upload = create_upload(cohort=cohort, source="command", actor=actor, centre=centre)
    link = staging_root() / upload.staging_folder / ("delivery.zip" if path.is_file() else "delivery")
    link.symlink_to(path.resolve())
    return upload


def start_import(*, upload: Upload, actor: User | None) -> Job:
    """Queues the import of a complete delivery."""
    return enqueue_job(
        kind=JobKind.IMPORT_DICOM,
        subject=upload,
        subject_title=f"into {upload.cohort}",
        cohort_uuid=upload.cohort_id,
        created_by=actor,
    )


def open_delivery(upload: Upload, workspace: Path) -> Path:
    """The folder of files to import: the staged one, with every zip in it unpacked into the workspace.

    Raises InvalidInput where a zip is damaged, leads outside, or would unpack to an unreasonable size.
    """
    staged = staging_root() / upload.staging_folder
    if not staged.exists():
        raise InvalidInput("The delivered files are gone: send them again.")
    inside = staged / "delivery"
    folder = inside.resolve() if inside.exists() else staged
    zips = sorted(path for path in folder.rglob("*") if path.is_file() and path.suffix.lower() == ".zip")
    if not zips:
        return folder
    if len(zips) == 1 and not inside.is_symlink() and sum(path.is_file() for path in folder.rglob("*")) == 1:
        return _unpack(zips[0], workspace / "delivery")
    raise InvalidInput("Send one zip by itself, or a folder without zips in it: a mixture cannot be told apart.")


def _unpack(path: Path, target: Path) -> Path:
    try:
        with zipfile.ZipFile(path) as archive:
            members = [member for member in archive.infolist() if not member.is_dir()]
            _check_archive(members, target)
            for ordinal, member in enumerate(members):
                # A member's own name can hold a patient's name, and "..": files are numbered in the archive's order.
                output = target / f"{ordinal:07d}"
                output.parent.mkdir(parents=True, exist_ok=True)
                with archive.open(member) as source, output.open("wb") as sink:
                    shutil.copyfileobj(source, sink, 1 << 20)
    except (zipfile.BadZipFile, EOFError, RuntimeError, NotImplementedError) as error:
        raise InvalidInput("The zip is damaged or encrypted: pack it again without a password.") from error
    return target


def _check_archive(members: list[zipfile.ZipInfo], target: Path) -> None:
    unpacked = sum(member.file_size for member in members)
    packed = max(sum(member.compress_size for member in members), 1)
    if len(members) > FILE_COUNT_LIMIT or unpacked > UNPACKED_LIMIT_BYTES or unpacked / packed > UNPACKED_RATIO_LIMIT:
        raise InvalidInput("The zip would unpack to an unreasonable size: send the folder instead.")
    target.mkdir(parents=True, exist_ok=True)
    if unpacked > shutil.disk_usage(target).free:
        raise InvalidInput(
            "There is not enough room to unpack the zip: free some space, or send the patients in parts."
        )


def erase_staging(upload: Upload) -> None:
    """Removes the delivered files (or the link to them); called when the import has been recorded."""
    shutil.rmtree(staging_root() / str(upload.pk), ignore_errors=True)
    Upload.objects.filter(pk=upload.pk).update(staging_folder="", finished_at=Now())
