"""Asking for the same kind of work on many things at once: one transaction, one connection to the broker."""

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from celery import current_app
from django.db import transaction
from django.db.models.functions import Now

from backend.accounts.models import User
from backend.audit.services import audits_together, hold_chain
from backend.jobs.models import Job, JobKind
from backend.jobs.services import new_job, notify_job, record_enqueued, task_name

logger = logging.getLogger(__name__)
_ROWS_AT_ONCE = 1000


@dataclass(frozen=True, kw_only=True)
class Work:
    """What one job of many is about."""

    subject: Any
    subject_title: str
    parameters: dict


@transaction.atomic
def enqueue_jobs(
    many: Iterable[Work], *, kind: JobKind, cohort_uuid: UUID, created_by: User | None
) -> tuple[list[Job], list[Work]]:
    """The new jobs, and what is in flight already and was passed over; each new one has its own audit record."""
    hold_chain()
    many = list(many)
    busy = _in_flight(kind, many)
    fresh = [work for work in many if _name(work) not in busy]
    jobs = [
        new_job(
            kind=kind,
            subject=work.subject,
            subject_title=work.subject_title,
            cohort_uuid=cohort_uuid,
            parameters=work.parameters,
            created_by=created_by,
        )
        for work in fresh
    ]
    Job.objects.bulk_create(jobs, batch_size=_ROWS_AT_ONCE)
    with audits_together():
        for job in jobs:
            record_enqueued(job)
    if jobs:
        notify_job(jobs[0])
        transaction.on_commit(lambda: _publish(jobs))
    return jobs, [work for work in many if _name(work) in busy]


def _name(work: Work) -> tuple[str, str]:
    return str(work.subject.pk), str(sorted(work.parameters.items()))


def _in_flight(kind: JobKind, many: list[Work]) -> set[tuple[str, str]]:
    subjects = [str(work.subject.pk) for work in many]
    rows = Job.objects.in_flight().filter(kind=kind, subject_id__in=subjects)
    found = rows.values_list("subject_id", "parameters")
    return {(subject, str(sorted(parameters.items()))) for subject, parameters in found}


def _publish(jobs: list[Job]) -> None:
    """A broker that is away costs only the seconds until the next sweep, which publishes what nobody has."""
    sent = []
    try:
        with current_app.connection_for_write(transport_options={"max_retries": 1, "interval_start": 0}) as broker:
            for job in jobs:
                message = current_app.signature(task_name(job.kind), args=[str(job.pk)])
                message.apply_async(queue=job.queue, retry=False, connection=broker)
                sent.append(job.pk)
    except Exception:
        logger.warning("%s jobs could not be published; the sweep will do it", len(jobs) - len(sent), exc_info=True)
    Job.objects.filter(pk__in=sent).update(published_at=Now())
