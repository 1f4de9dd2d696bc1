"""The sweep: jobs whose worker died run again, and jobs whose message was lost are rung again."""

from datetime import timedelta

from celery import current_app
from django.db import connection, transaction
from django.db.models import Q
from django.db.models.functions import Now

from backend.jobs.models import Job, JobState
from backend.jobs.services import notify_job, ring_on_commit

# A heart beats every two seconds; a loaded machine may skip some.
HEARTBEAT_INTERVAL_S = 2.0
HEART_STOPPED_AFTER_S = 20.0
RING_AGAIN_AFTER_S = 30.0
_SWEEP_LOCK = 7_471_002
_BATCH = 500


def sweep_jobs() -> dict[str, int]:
    """Requeues dead attempts, fails those out of attempts, rings lost messages. One sweep at a time."""
    with transaction.atomic():
        if not _sole_sweeper():
            return {}
        heartless, unheard = _heartless(), _unheard()
        for job in heartless:
            _revive(job)
        for job in unheard:
            ring_on_commit(job)
    return {"requeued": len(heartless), "rung": len(unheard)}


def _sole_sweeper() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_SWEEP_LOCK])
        return cursor.fetchone()[0]


def _heartless() -> list[Job]:
    limit = Now() - timedelta(seconds=HEART_STOPPED_AFTER_S)
    rows = Job.objects.select_for_update(skip_locked=True).filter(state=JobState.RUNNING, heartbeat_at__lt=limit)
    return list(rows[:_BATCH])


def _revive(job: Job) -> None:
    cancelled = job.cancel_requested_at is not None
    if cancelled:
        changes = {"state": JobState.CANCELLED, "message": "Cancelled.", "finished_at": Now()}
    elif job.attempt >= job.max_attempts:
        message = f"The worker died {job.attempt} times on this job. Look at the worker's log, then try again."
        changes = {"state": JobState.FAILED, "message": message, "finished_at": Now()}
    else:
        changes = {"state": JobState.QUEUED}
    Job.objects.filter(pk=job.pk).update(claimed_by="", **changes)
    job.refresh_from_db()
    if job.state == JobState.QUEUED:
        ring_on_commit(job)
    else:
        notify_job(job)


def _unheard() -> list[Job]:
    """Queued rows that nobody took for a while, as long as the broker holds fewer messages than there are rows."""
    limit = Now() - timedelta(seconds=RING_AGAIN_AFTER_S)
    waiting = (
        Job.objects.select_for_update(skip_locked=True)
        .filter(Q(published_at__isnull=True, created_at__lt=limit) | Q(published_at__lt=limit), state=JobState.QUEUED)
        .order_by("created_at")
    )
    rows = list(waiting[:_BATCH])
    if not rows or _messages_waiting({job.queue for job in rows}) >= len(rows):
        return []
    return rows


def _messages_waiting(queues: set[str]) -> int:
    with current_app.connection_for_read() as broker:
        channel = broker.default_channel
        return sum(channel.client.llen(queue) for queue in queues)
