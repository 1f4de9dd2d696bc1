"""Deliveries that nobody will import: discarded by a person, or left behind and erased after a day."""

import contextlib
import shutil
import time
import uuid
from datetime import timedelta

from django.utils import timezone

from backend.accounts.models import User
from backend.audit.services import record_audit
from backend.core.errors import Conflict
from backend.imaging.models import Upload
from backend.imaging.services.uploads import erase_staging, staging_root
from backend.jobs.models import Job, JobKind

ABANDONED_AFTER = timedelta(hours=24)


def discard_upload(*, upload: Upload, actor: User) -> None:
    """Erases what has arrived. Raises Conflict while an import reads it, and when nothing is left."""
    if not upload.staging_folder:
        raise Conflict("The files of this delivery were erased already; what was imported stays.")
    if _is_in_flight(upload):
        raise Conflict("The import of this delivery is under way: cancel its job first.")
    record_audit(action="upload.discard", subject=upload, actor=actor, cohort_uuid=upload.cohort_id)
    erase_staging(upload)


def erase_abandoned_uploads() -> int:
    """Erases the files of deliveries to which nothing was added for a day and that no job will import; how many."""
    limit = timezone.now() - ABANDONED_AFTER
    waiting = Upload.objects.exclude(staging_folder="").filter(created_at__lt=limit)
    abandoned = [upload for upload in waiting if not _is_in_flight(upload) and _last_change(upload) < limit.timestamp()]
    for upload in abandoned:
        record_audit(action="upload.abandon", subject=upload, cohort_uuid=upload.cohort_id)
        erase_staging(upload)
    return len(abandoned) + _erase_orphans(limit.timestamp())


def _is_in_flight(upload: Upload) -> bool:
    return Job.objects.in_flight().filter(kind=JobKind.IMPORT_DICOM, subject_id=str(upload.pk)).exists()


def _last_change(upload: Upload) -> float:
    """When a file was last begun, or the newest file last grew, in seconds since 1970."""
    folder = staging_root() / upload.staging_folder
    paths = [folder, *folder.glob("delivery/*")] if not (folder / "delivery").is_symlink() else [folder]
    return max((path.stat().st_mtime for path in paths if path.exists()), default=0.0)


def _erase_orphans(limit: float) -> int:
    """Folders whose row is gone, as after the erasure of a whole cohort."""
    erased = 0
    for folder in staging_root().iterdir():
        with contextlib.suppress(ValueError):
            if not Upload.objects.filter(pk=uuid.UUID(folder.name)).exists() and folder.stat().st_mtime < limit:
                shutil.rmtree(folder, ignore_errors=True)
                erased += 1
    return erased


def seconds_until_erased(upload: Upload) -> float:
    """How long the files of a waiting delivery are kept if nothing is added."""
    return max(_last_change(upload) + ABANDONED_AFTER.total_seconds() - time.time(), 0.0)
