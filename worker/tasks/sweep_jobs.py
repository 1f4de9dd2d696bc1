"""The sweep as a periodic task of beat."""

from celery import current_app

from backend.jobs import sweep


@current_app.task(name="worker.sweep_jobs", time_limit=60)
def sweep_jobs() -> None:
    """Not a job kind: it keeps the others alive and has no row of its own."""
    sweep.sweep_jobs()
