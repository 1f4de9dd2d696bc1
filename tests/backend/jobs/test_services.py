"""The job row: one claim, one result, whatever the broker does."""

import pytest

from backend.audit.models import AuditRecord
from backend.audit.services import verify_chain
from backend.core.errors import ClaimLost, Conflict
from backend.jobs.models import Job, JobKind, JobState
from backend.jobs.services import cancel_job, claim_job, completing, enqueue_job, fail_job, heartbeat, retry_job
from backend.jobs.sweep import sweep_jobs
from tests.factories.people import make_cohort, make_user

pytestmark = pytest.mark.django_db(transaction=True)


def queued_job() -> Job:
    cohort = make_cohort()
    return enqueue_job(kind=JobKind.SUMMARISE_COHORT, subject=cohort, cohort_uuid=cohort.pk)


def test_a_job_is_claimed_once():
    job = queued_job()
    assert claim_job(str(job.pk), worker="one") is not None
    assert claim_job(str(job.pk), worker="two") is None


def test_results_and_success_are_one_transaction():
    claim = claim_job(str(queued_job().pk), worker="one")
    with pytest.raises(RuntimeError), completing(claim):
        make_user("written-inside")
        raise RuntimeError("the process ends here")
    claim.job.refresh_from_db()
    assert claim.job.state == JobState.RUNNING
    with completing(claim, message="Done."):
        make_user("written-inside")
    claim.job.refresh_from_db()
    assert (claim.job.state, claim.job.message) == (JobState.SUCCEEDED, "Done.")


def test_an_attempt_that_lost_its_claim_records_nothing():
    from backend.accounts.models import User

    claim = claim_job(str(queued_job().pk), worker="one")
    Job.objects.filter(pk=claim.job.pk).update(claimed_by="somebody else")
    with pytest.raises(ClaimLost), completing(claim):
        make_user("must-not-stay")
    assert not User.objects.filter(username="must-not-stay").exists()
    assert not heartbeat(claim, progress=0.5, step="half")


def test_the_same_work_is_not_queued_twice():
    cohort = make_cohort()
    enqueue_job(kind=JobKind.SUMMARISE_COHORT, subject=cohort, cohort_uuid=cohort.pk)
    with pytest.raises(Conflict, match="already queued"):
        enqueue_job(kind=JobKind.SUMMARISE_COHORT, subject=cohort, cohort_uuid=cohort.pk)


def test_cancel_ends_a_queued_job_and_asks_a_running_one():
    queued = queued_job()
    assert cancel_job(job=queued, actor=None).state == JobState.CANCELLED
    claim = claim_job(str(queued_job().pk), worker="one")
    assert cancel_job(job=claim.job, actor=None).state == JobState.RUNNING
    assert heartbeat(claim) is False
    with pytest.raises(Conflict, match="nothing to cancel"):
        cancel_job(job=queued, actor=None)


def test_the_sweep_revives_a_dead_attempt_and_gives_up_in_the_end():
    claim = claim_job(str(queued_job().pk), worker="one")
    Job.objects.filter(pk=claim.job.pk).update(heartbeat_at="2020-01-01T00:00Z")
    assert sweep_jobs()["requeued"] == 1
    claim.job.refresh_from_db()
    assert claim.job.state == JobState.QUEUED
    Job.objects.filter(pk=claim.job.pk).update(attempt=2)
    claim = claim_job(str(claim.job.pk), worker="two")
    Job.objects.filter(pk=claim.job.pk).update(heartbeat_at="2020-01-01T00:00Z")
    sweep_jobs()
    claim.job.refresh_from_db()
    assert claim.job.state == JobState.FAILED
    assert "died 3 times" in claim.job.message


def test_a_failed_job_can_be_started_again():
    claim = claim_job(str(queued_job().pk), worker="one")
    fail_job(claim, message="The mask has no voxel.")
    assert retry_job(job=claim.job, actor=None).state == JobState.QUEUED
    with pytest.raises(Conflict):
        retry_job(job=Job.objects.get(pk=claim.job.pk), actor=None)


def test_every_step_is_audited_and_the_chain_is_whole():
    claim = claim_job(str(queued_job().pk), worker="one")
    fail_job(claim, message="no")
    assert AuditRecord.objects.filter(object_id=str(claim.job.pk)).count() == 2
    assert verify_chain() == []


def test_audit_records_are_never_changed():
    from django.db import DatabaseError, transaction

    queued_job()
    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
        AuditRecord.objects.update(reason="changed")
    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
        AuditRecord.objects.all().delete()
