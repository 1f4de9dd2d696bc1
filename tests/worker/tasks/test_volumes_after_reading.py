"""Slices that arrive after a case was read: its volumes stay as they were read, and the job says so."""

import shutil

import pydicom
import pytest

from backend.annotations.models import Reading
from backend.imaging.models import Case, Volume
from backend.imaging.services.recording import enqueue_volumes
from backend.imaging.services.uploads import stage_local_path, start_import
from backend.jobs.models import Job, JobKind, JobState
from tests.conftest import wait_until
from tests.factories.people import make_cohort
from tests.worker.tasks.conftest import import_patient, wait_for_jobs
from tests.worker.tasks.test_import_dicom import patient_folder

pytestmark = pytest.mark.django_db(transaction=True)


def without_the_last_ct_slice(source, target):
    """A copy of a patient's folder whose CT is one slice shorter."""
    shutil.copytree(source, target)
    heights = {}
    for path in target.rglob("*.dcm"):
        dataset = pydicom.dcmread(path, stop_before_pixels=True)
        if dataset.Modality == "CT":
            heights[float(dataset.ImagePositionPatient[2])] = path
    heights[max(heights)].unlink()
    return target


def volumes() -> dict:
    return {row["series_id"]: (row["sha256"], row["geometry"]) for row in Volume.objects.values()}


def test_slices_that_come_after_a_reading_do_not_change_what_was_read(phantom_folder, celery_worker_process, tmp_path):
    cohort, whole = make_cohort(), patient_folder(phantom_folder)
    import_patient(cohort, without_the_last_ct_slice(whole, tmp_path / "delivery"))
    case = Case.objects.select_related("study").get()
    Reading.objects.create(case=case, target="tumour", outcome="no_avid_tumour", origin="test")
    before = volumes()

    enqueue_volumes(case.study)
    wait_for_jobs(cohort.pk)
    assert volumes() == before, "building the same again is no change"

    start_import(upload=stage_local_path(cohort=cohort, path=whole, actor=None), actor=None)
    built = Job.objects.filter(kind=JobKind.BUILD_VOLUMES, state=JobState.FAILED)
    wait_until(built.exists, timeout_s=60, what="the volumes are refused")
    assert "was read already" in built.get().message and "under what was drawn" in built.get().message
    assert volumes() == before
