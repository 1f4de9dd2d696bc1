"""Asking for work and keeping its row true. The row decides; a message on the broker only wakes a worker."""

import hashlib
import json
import logging
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from celery import current_app
from django.db import connection, transaction
from django.db.models import F
from django.db.models.functions import Now

from backend.accounts.models import User
from backend.audit.services import hold_chain, record_audit
from backend.core.errors import ClaimLost, Conflict
from backend.jobs.models import DEFAULT_QUEUE, QUEUES, Job, JobKind, JobState

logger = logging.getLogger(__name__)

NOTIFY_CHANNEL = "petra_jobs"
LOG_LIMIT_CHARACTERS = 200_000
# A person waits for the page: a broker that is away is not waited for, the sweep rings again.
_RING_ONCE = {"max_retries": 1, "interval_start": 0, "interval_step": 0}


@dataclass(frozen=True, kw_only=True)
class JobClaim:
    """A worker's hold on a job; whatever it records is guarded by ``token``."""

    job: Job
    token: str


def task_name(kind: str) -> str:
    """The Celery name of a job kind's task."""
    return f"worker.{kind}"


def enqueue_job(
    *,
    kind: JobKind,
    subject: Any,
    subject_title: str = "",
    cohort_uuid: uuid.UUID | None = None,
    parameters: dict | None = None,
    created_by: User | None = None,
    parent: Job | None = None,
) -> Job:
    """Writes the row and, once it is committed, rings the bell. The same work in flight is refused."""
    with transaction.atomic():
        # Who asks for the same work at the same time waits here, and then sees this row.
        hold_chain()
        _refuse_duplicate(kind, subject._meta.label_lower, str(subject.pk), parameters or {})
        job = new_job(
            kind=kind,
            subject=subject,
            subject_title=subject_title or str(subject),
            cohort_uuid=cohort_uuid,
            parameters=parameters or {},
            created_by=created_by,
            parent=parent,
        )
        job.save(force_insert=True)
        record_enqueued(job)
        ring_on_commit(job)
    return job


def new_job(*, kind: JobKind, subject: Any, **values: Any) -> Job:
    """The row of a job that was asked for, not saved yet."""
    return Job(
        kind=kind,
        queue=QUEUES.get(kind, DEFAULT_QUEUE),
        subject_type=subject._meta.label_lower,
        subject_id=str(subject.pk),
        **values,
    )


def record_enqueued(job: Job) -> None:
    record_audit(
        action="job.enqueue",
        subject=job,
        actor=job.created_by,
        cohort_uuid=job.cohort_uuid,
        after={"kind": job.kind, "subject": job.subject_title, "parameters": job.parameters},
    )


def ensure_job(*, kind: JobKind, subject: Any, parameters: dict | None = None, **values: Any) -> Job:
    """The job in flight for this very work, or a new one: for work that follows from other work by itself."""
    with transaction.atomic():
        hold_chain()
        twin = _twin(kind, subject._meta.label_lower, str(subject.pk), parameters or {})
        return twin or enqueue_job(kind=kind, subject=subject, parameters=parameters, **values)


def _refuse_duplicate(kind: str, subject_type: str, subject_id: str, parameters: dict) -> None:
    twin = _twin(kind, subject_type, subject_id, parameters)
    if twin:
        raise Conflict(f"This work is already {twin.get_state_display().lower()}; wait for it or cancel it first.")


def _twin(kind: str, subject_type: str, subject_id: str, parameters: dict) -> Job | None:
    same = {"kind": kind, "subject_type": subject_type, "subject_id": subject_id, "parameters": parameters}
    return Job.objects.in_flight().filter(**same).first()


def ring_on_commit(job: Job) -> None:
    """Publishes after the commit; a broker that is away costs only the seconds until the next sweep."""

    def ring() -> None:
        try:
            publish_job(job)
        except Exception:
            logger.warning("job %s could not be published; the sweep will do it", job.pk, exc_info=True)

    transaction.on_commit(ring)
    notify_job(job)


def publish_job(job: Job) -> None:
    """Sends the job's message by the name of its task."""
    Job.objects.filter(pk=job.pk).update(published_at=Now())
    message = current_app.signature(task_name(job.kind), args=[str(job.pk)])
    with current_app.connection_for_write(transport_options=_RING_ONCE) as broker:
        message.apply_async(queue=job.queue, retry=False, connection=broker)


def notify_job(job: Job) -> None:
    """Tells the listening web processes that a row has changed; the row itself is read by them."""
    body = json.dumps({"job": str(job.pk), "cohort": str(job.cohort_uuid or "")})
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, %s)", [NOTIFY_CHANNEL, body])


def claim_job(job_id: str, *, worker: str) -> JobClaim | None:
    """Takes a queued job; None when it is not queued (a second delivery, or cancelled)."""
    token = uuid.uuid4().hex
    claimed = Job.objects.filter(pk=job_id, state=JobState.QUEUED, cancel_requested_at__isnull=True).update(
        state=JobState.RUNNING,
        claimed_by=token,
        worker=worker,
        attempt=F("attempt") + 1,
        heartbeat_at=Now(),
        started_at=Now(),
        finished_at=None,
        progress=0.0,
        step="",
        message="",
    )
    if not claimed:
        return None
    job = Job.objects.get(pk=job_id)
    notify_job(job)
    return JobClaim(job=job, token=token)


def heartbeat(claim: JobClaim, *, progress: float | None = None, step: str | None = None, log: str = "") -> bool:
    """Shows that the worker lives, and how far it is. False when the claim is lost or a cancel was asked for."""
    changes: dict[str, Any] = {"heartbeat_at": Now()}
    if progress is not None:
        changes["progress"] = min(max(progress, 0.0), 1.0)
    if step is not None:
        changes["step"] = step[:200]
    held = Job.objects.held_by(claim.token).filter(pk=claim.job.pk)
    alive = held.update(**changes)
    if alive and log:
        _append_log(claim.job.pk, log)
    if alive and (progress is not None or step is not None):
        notify_job(claim.job)
    return bool(alive) and not held.filter(cancel_requested_at__isnull=False).exists()


def _append_log(job_id: uuid.UUID, text: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE jobs_job SET log = right(log || %s, %s) WHERE id = %s", [text + "\n", LOG_LIMIT_CHARACTERS, job_id]
        )


def record_inputs(claim: JobClaim, inputs: dict) -> None:
    """Keeps what the job is computing on (ids and hashes), with one hash over it all."""
    digest = hashlib.sha256(json.dumps(inputs, sort_keys=True, default=str).encode()).hexdigest()
    Job.objects.held_by(claim.token).filter(pk=claim.job.pk).update(inputs=inputs, inputs_sha256=digest)


@contextmanager
def completing(claim: JobClaim, *, message: str = "", result: dict | None = None) -> Iterator[None]:
    """One transaction for a job's results and its success: both, or neither.

    Record services write inside it. Raises ClaimLost, and so rolls back, where the claim is no longer held.
    """
    with transaction.atomic():
        yield
        hold_chain()
        finished = (
            Job.objects.held_by(claim.token)
            .filter(pk=claim.job.pk)
            .update(state=JobState.SUCCEEDED, progress=1.0, message=message, result=result or {}, finished_at=Now())
        )
        if not finished:
            raise ClaimLost("This attempt lost its claim; its results are dropped.")
        record_audit(
            action="job.succeed", subject=claim.job, cohort_uuid=claim.job.cohort_uuid, after={"message": message}
        )
        notify_job(claim.job)


def fail_job(claim: JobClaim, *, message: str) -> None:
    """Ends the attempt with a sentence for people; nothing happens when the claim is lost."""
    _finish(claim, JobState.FAILED, message)


def end_cancelled_job(claim: JobClaim) -> None:
    """Ends a job that was asked to stop and has stopped."""
    _finish(claim, JobState.CANCELLED, "Cancelled.")


def _finish(claim: JobClaim, state: JobState, message: str) -> None:
    with transaction.atomic():
        hold_chain()
        held = Job.objects.held_by(claim.token).filter(pk=claim.job.pk)
        if held.update(state=state, message=message, finished_at=Now()):
            record_audit(
                action=f"job.{state}", subject=claim.job, cohort_uuid=claim.job.cohort_uuid, after={"message": message}
            )
            notify_job(claim.job)


def cancel_job(*, job: Job, actor: User | None) -> Job:
    """Ends a queued job at once and asks a running one to stop; its worker ends within seconds."""
    with transaction.atomic():
        hold_chain()
        job = Job.objects.select_for_update().get(pk=job.pk)
        if job.is_over:
            raise Conflict(f"The job is already {job.get_state_display().lower()}; there is nothing to cancel.")
        if job.state == JobState.QUEUED:
            Job.objects.filter(pk=job.pk).update(
                state=JobState.CANCELLED, cancel_requested_at=Now(), finished_at=Now(), message="Cancelled."
            )
        else:
            Job.objects.filter(pk=job.pk).update(cancel_requested_at=Now())
        record_audit(action="job.cancel", subject=job, actor=actor, cohort_uuid=job.cohort_uuid)
        notify_job(job)
    job.refresh_from_db()
    return job


def retry_job(*, job: Job, actor: User | None) -> Job:
    """Queues a failed or cancelled job again, with the same parameters."""
    with transaction.atomic():
        hold_chain()
        job = Job.objects.select_for_update().get(pk=job.pk)
        if job.state not in (JobState.FAILED, JobState.CANCELLED):
            raise Conflict("Only a failed or cancelled job can be started again.")
        _refuse_duplicate(job.kind, job.subject_type, job.subject_id, job.parameters)
        Job.objects.filter(pk=job.pk).update(
            state=JobState.QUEUED,
            claimed_by="",
            cancel_requested_at=None,
            attempt=0,
            progress=0.0,
            step="",
            message="",
            finished_at=None,
            heartbeat_at=None,
        )
        record_audit(action="job.retry", subject=job, actor=actor, cohort_uuid=job.cohort_uuid)
        job.refresh_from_db()
        ring_on_commit(job)
    return job
