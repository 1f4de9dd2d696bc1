"""Questions about jobs."""

from uuid import UUID

from backend.jobs.models import Job, JobQuerySet


def jobs_of_cohort(cohort_uuid: UUID) -> JobQuerySet:
    return Job.objects.filter(cohort_uuid=cohort_uuid).select_related("created_by")


def latest_job(*, kind: str, subject_id: str) -> Job | None:
    """The newest job of a kind for one subject, for "is it running?" on a page."""
    return Job.objects.filter(kind=kind, subject_id=str(subject_id)).order_by("-created_at").first()


def job_snapshot(job: Job) -> dict:
    """What a page shows of a job, as JSON for the event stream."""
    return {
        "id": str(job.pk),
        "kind": job.kind,
        "title": str(job),
        "state": job.state,
        "state_title": job.get_state_display(),
        "progress": job.progress,
        "step": job.step,
        "message": job.message,
        "attempt": job.attempt,
        "is_over": job.is_over,
        "cancel_requested": job.cancel_requested_at is not None,
        "started_at": job.started_at.isoformat() if job.started_at else None,
        "finished_at": job.finished_at.isoformat() if job.finished_at else None,
    }
