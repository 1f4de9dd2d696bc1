"""Deliveries that nobody imports: erased by a person at once, or by PETRA after a day, but never under an import."""

import os
import time
import uuid

import pytest
from django.utils import timezone

from backend.audit.models import AuditRecord
from backend.core.errors import Conflict
from backend.imaging.models import Upload
from backend.imaging.services.discarding import ABANDONED_AFTER, discard_upload, erase_abandoned_uploads
from backend.imaging.services.receiving import announce_upload
from backend.imaging.services.uploads import staging_root, start_import
from backend.jobs.services import cancel_job
from tests.factories.people import make_cohort, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_staging")]


def make_old_upload(*, folder_is_old: bool = True) -> Upload:
    upload = announce_upload(cohort=make_cohort(), announced=[("a", 1)], actor=make_user())
    Upload.objects.filter(pk=upload.pk).update(created_at=timezone.now() - 2 * ABANDONED_AFTER)
    if folder_is_old:
        make_old(staging_root() / upload.staging_folder)
    return upload


def make_old(folder) -> None:
    past = time.time() - 2 * ABANDONED_AFTER.total_seconds()
    for path in [folder, *folder.rglob("*")]:
        os.utime(path, (past, past))


def is_staged(upload: Upload) -> bool:
    return (staging_root() / str(upload.pk)).exists()


def test_a_day_old_delivery_is_erased_unless_it_still_grows_or_is_imported():
    left, growing, waiting = make_old_upload(), make_old_upload(folder_is_old=False), make_old_upload()
    fresh = announce_upload(cohort=make_cohort(), announced=[("a", 1)], actor=make_user())
    start_import(upload=waiting, actor=None)
    assert erase_abandoned_uploads() == 1
    assert [is_staged(upload) for upload in (left, growing, waiting, fresh)] == [False, True, True, True]
    left.refresh_from_db()
    assert left.staging_folder == "" and left.finished_at
    assert AuditRecord.objects.filter(action="upload.abandon", object_id=str(left.pk)).exists()


def test_a_folder_without_a_row_is_erased_and_another_area_is_not():
    orphan, area = staging_root() / str(uuid.uuid4()), staging_root() / "clinical"
    orphan.mkdir(), area.mkdir(exist_ok=True)
    make_old(orphan), make_old(area)
    assert erase_abandoned_uploads() >= 1
    assert not orphan.exists() and area.exists()


def test_discarding_waits_for_the_import_and_happens_once():
    upload = make_old_upload()
    job = start_import(upload=upload, actor=None)
    with pytest.raises(Conflict, match="cancel its job first"):
        discard_upload(upload=upload, actor=upload.uploaded_by)
    cancel_job(job=job, actor=None)
    discard_upload(upload=upload, actor=upload.uploaded_by)
    assert not is_staged(upload)
    upload.refresh_from_db()
    with pytest.raises(Conflict, match="erased already"):
        discard_upload(upload=upload, actor=upload.uploaded_by)
