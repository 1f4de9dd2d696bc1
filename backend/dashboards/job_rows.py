"""A job as a person may see it: all of it, or without what a reader must not learn yet."""

from datetime import datetime

from django.utils import timezone

from backend.dashboards.withholding import WITHHELD
from backend.jobs.models import Job
from backend.jobs.selectors import job_snapshot

LOG_TAIL_LINES = 200


def shown_snapshot(job: Job, *, withheld: bool) -> dict:
    """The JSON of a job for pages, streams and the API."""
    snapshot = job_snapshot(job)
    if withheld:
        snapshot.update(step="", message=WITHHELD if job.is_over else "")
    return snapshot


def log_tail(job: Job, *, withheld: bool) -> str:
    """The last lines of the log."""
    return "" if withheld else "\n".join(job.log.splitlines()[-LOG_TAIL_LINES:])


def seconds_waited(job: Job) -> float | None:
    return _seconds(job.created_at, job.started_at or (None if job.is_over else timezone.now()))


def seconds_run(job: Job) -> float | None:
    """How long the last attempt ran, or runs until now."""
    return _seconds(job.started_at, job.finished_at or (None if job.is_over else timezone.now()))


def _seconds(start: datetime | None, end: datetime | None) -> float | None:
    return (end - start).total_seconds() if start and end else None
