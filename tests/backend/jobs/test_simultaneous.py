"""Two transactions at once: the same work is queued once, and cancelling meets completing without a deadlock."""

import contextlib
import threading

import pytest
from django.db import connection, transaction

from backend.audit.services import record_audit, verify_chain
from backend.core.errors import Conflict
from backend.jobs.models import Job, JobKind, JobState
from backend.jobs.services import (
    cancel_job,
    claim_job,
    completing,
    enqueue_job,
    ensure_job,
    fail_job,
    retry_job,
)
from tests.factories.people import make_cohort

pytestmark = pytest.mark.django_db(transaction=True)
PATIENCE_S = 10


def at_once(*calls) -> list:
    """What each call, in a thread and a connection of its own, returned or raised."""
    barrier, answers = threading.Barrier(len(calls)), [None] * len(calls)

    def run(place: int) -> None:
        try:
            barrier.wait(PATIENCE_S)
            answers[place] = calls[place]()
        except Exception as error:
            answers[place] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(place,)) for place in range(len(calls))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE_S)
    return answers


def started_after_a_look(start, looked: threading.Barrier):
    """``start`` in a transaction whose commit waits until the other has looked too, or could not."""

    def run():
        with transaction.atomic():
            job = start()
            with contextlib.suppress(threading.BrokenBarrierError):
                looked.wait(0.5)
        return job

    return run


@pytest.mark.parametrize("start", [enqueue_job, ensure_job])
def test_two_who_ask_at_once_get_one_job(start):
    cohort, looked = make_cohort(), threading.Barrier(2)
    asked = started_after_a_look(lambda: start(kind=JobKind.SUMMARISE_COHORT, subject=cohort), looked)
    answers = at_once(asked, asked)
    assert Job.objects.in_flight().count() == 1
    assert sum(isinstance(answer, Job) for answer in answers) == (2 if start is ensure_job else 1)
    assert all(isinstance(answer, Job | Conflict) for answer in answers)


def test_a_failed_job_is_not_started_again_beside_its_twin():
    cohort = make_cohort()
    claim = claim_job(str(enqueue_job(kind=JobKind.SUMMARISE_COHORT, subject=cohort).pk), worker="one")
    fail_job(claim, message="no")
    enqueue_job(kind=JobKind.SUMMARISE_COHORT, subject=cohort)
    with pytest.raises(Conflict, match="already queued"):
        retry_job(job=claim.job, actor=None)
    assert Job.objects.in_flight().count() == 1


def test_cancelling_while_the_results_are_being_recorded_waits_and_is_told_so():
    claim = claim_job(str(enqueue_job(kind=JobKind.SUMMARISE_COHORT, subject=make_cohort()).pk), worker="one")
    recording = threading.Event()

    def complete():
        with completing(claim, message="Done."):
            record_audit(action="something.record", subject=claim.job)
            recording.set()
            threading.Event().wait(0.5)
        return "completed"

    def cancel():
        assert recording.wait(PATIENCE_S)
        return cancel_job(job=claim.job, actor=None)

    completed, cancelled = at_once(complete, cancel)
    claim.job.refresh_from_db()
    assert completed == "completed" and claim.job.state == JobState.SUCCEEDED
    assert isinstance(cancelled, Conflict) and "nothing to cancel" in str(cancelled)


def test_the_chain_is_whole_after_many_wrote_at_once():
    cohort = make_cohort()
    write = [lambda: [record_audit(action="view", subject=cohort) for _ in range(10)]] * 6
    assert all(isinstance(answer, list) for answer in at_once(*write))
    assert verify_chain() == []
