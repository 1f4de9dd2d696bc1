"""A small synthetic cohort on disk, and helpers that take it through the real jobs."""

from pathlib import Path

import pytest

from tests.conftest import wait_until


@pytest.fixture(scope="session")
def phantom_folder(tmp_path_factory) -> Path:
    """Two synthetic patients (plus planted exclusions), small enough for a test of every step."""
    from worker.compute.phantoms.cohort import CohortRequest, write_cohort

    folder = tmp_path_factory.mktemp("phantom") / "cohort"
    write_cohort(CohortRequest(patients=2, matrix=48, slices=30, seed=7), folder, processes=1)
    return folder


def wait_for_jobs(cohort_uuid, timeout_s: float = 120) -> None:
    """Until the cohort has no job in flight; a failed job fails the test with its message."""
    from backend.jobs.models import Job, JobState

    in_flight = Job.objects.in_flight().filter(cohort_uuid=cohort_uuid)
    wait_until(lambda: not in_flight.exists(), timeout_s=timeout_s, what="the cohort has no job in flight")
    failed = [f"{job}: {job.message} {job.log}" for job in Job.objects.filter(state=JobState.FAILED)]
    assert failed == []


def import_patient(cohort, folder: Path) -> None:
    """Imports a folder through the real import job and waits for everything that follows from it."""
    from backend.imaging.services.uploads import stage_local_path, start_import

    start_import(upload=stage_local_path(cohort=cohort, path=folder, actor=None), actor=None)
    wait_for_jobs(cohort.pk)
