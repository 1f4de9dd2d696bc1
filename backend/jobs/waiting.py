"""Waiting for jobs from the command line."""

import time
from collections.abc import Callable
from uuid import UUID

from backend.jobs.models import Job

POLL_INTERVAL_S = 0.5


def wait_for_job(job: Job, *, on_change: Callable[[str], object] = lambda text: None) -> Job:
    """Polls the row until the job is over; ``on_change`` gets a line whenever its step or progress changes."""
    shown = ""
    while True:
        job.refresh_from_db()
        line = f"{job.get_state_display()} {job.step} {100 * job.progress:.0f}%"
        if line != shown:
            on_change(line)
            shown = line
        if job.is_over:
            return job
        time.sleep(POLL_INTERVAL_S)


def wait_for_cohort(cohort_uuid: UUID, *, on_change: Callable[[int], object] = lambda left: None) -> None:
    """Waits until the cohort has no job in flight; ``on_change`` gets how many are left."""
    shown = -1
    while left := Job.objects.in_flight().filter(cohort_uuid=cohort_uuid).count():
        if left != shown:
            on_change(left)
            shown = left
        time.sleep(POLL_INTERVAL_S)
