"""Whole-slide files on their way in: staged, turned into tiles by a job, and gone when the job has ended."""

from collections.abc import Iterable

from backend.accounts.models import User
from backend.cohorts.models import Patient
from backend.core.staging import erase_staged, stage_file, staged_names
from backend.jobs.models import Job, JobKind
from backend.jobs.services import enqueue_job
from backend.pathology.services.photographs import check_stain

AREA = "slides"
LIMIT_BYTES = 16 * 1024**3
OVERVIEW_PX = 2048
LEFT_BEHIND_S = 24 * 3600


def receive_slide(*, patient: Patient, stain: str, chunks: Iterable[bytes], actor: User | None) -> Job:
    """Stages the file chunk by chunk and queues its conversion."""
    check_stain(stain)
    _erase_left_behind()
    staged = stage_file(chunks, area=AREA, limit_bytes=LIMIT_BYTES)
    try:
        return enqueue_job(
            kind=JobKind.STORE_SLIDE,
            subject=patient,
            subject_title=patient.pseudonym,
            cohort_uuid=patient.cohort_id,
            parameters={"staged": staged, "stain": stain},
            created_by=actor,
        )
    except BaseException:
        erase_staged(staged, area=AREA)
        raise


def _erase_left_behind() -> None:
    """Files that a dying process left a day ago and no job in flight waits for."""
    waiting = Job.objects.in_flight().filter(kind=JobKind.STORE_SLIDE).values_list("parameters__staged", flat=True)
    for name in set(staged_names(area=AREA, older_than_s=LEFT_BEHIND_S)) - set(waiting):
        erase_staged(name, area=AREA)
