"""kill -9 of the worker in the middle of an extraction: the job runs again by itself, and its result is there once."""

import os
import signal

import pytest
from django.db import connection

from backend.annotations.services.consensus import record_consensus
from backend.annotations.services.masks import store_labelmap
from backend.features.models import FeatureSet
from backend.features.services.extraction import enqueue_extraction
from backend.imaging.models import Case
from backend.jobs.models import JobState
from backend.jobs.sweep import sweep_jobs
from tests.conftest import start_worker, stop_process_group, wait_until
from tests.factories.people import make_cohort
from tests.worker.tasks.conftest import import_patient

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


def case_with_consensus(phantom_folder) -> Case:
    cohort = make_cohort()
    import_patient(cohort, sorted((phantom_folder / "dicom").iterdir())[0])
    case = Case.objects.select_related("patient__cohort", "ct", "pet").get()
    x, y, z = case.pet.geometry["size_xyz"]
    voxels = bytearray(x * y * z)
    for k in range(z // 3, z // 3 + 4):
        for j in range(y // 2 - 3, y // 2 + 3):
            start = x * (j + y * k) + x // 2
            voxels[start - 3 : start + 3] = b"\1" * 6
    file = store_labelmap(case, bytes(voxels), grid="pet")
    record_consensus(case, target="tumour", method="majority", outcome="lesions", readings=[], file=file)
    return case


def test_a_killed_extraction_runs_again_and_is_recorded_once(phantom_folder, tmp_path, celery_worker_process):
    case = case_with_consensus(phantom_folder)
    stop_process_group(celery_worker_process)
    database = connection.settings_dict["NAME"]
    doomed = start_worker(database=database, log_path=tmp_path / "doomed.log")
    job = enqueue_extraction(case)
    wait_until(lambda: refreshed(job).step != "", timeout_s=90, what="the extraction is under way")
    os.killpg(doomed.pid, signal.SIGKILL)
    doomed.wait()
    assert refreshed(job).state == JobState.RUNNING
    assert not FeatureSet.objects.exists()
    heir = start_worker(database=database, log_path=tmp_path / "heir.log")
    try:
        wait_until(
            lambda: sweep_jobs().get("requeued"), timeout_s=60, what="the sweep finds the dead job", interval_s=1
        )
        wait_until(lambda: refreshed(job).is_over, timeout_s=120, what="the job has ended")
    finally:
        stop_process_group(heir)
    job = refreshed(job)
    assert (job.state, job.attempt) == (JobState.SUCCEEDED, 2), job.message
    assert FeatureSet.objects.filter(case=case).count() == 4


def refreshed(job):
    job.refresh_from_db()
    return job
