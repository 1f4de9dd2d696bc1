"""Erasure: everything of a withdrawn patient → tombstones. Dies anywhere and goes on from there."""

import time

from django.db import transaction

from backend.cohorts.models import Patient
from backend.cohorts.withdrawal import (
    erase_everything,
    erase_stored_files,
    finish_withdrawal,
    stop_work_on,
)
from backend.core.errors import Conflict
from backend.experiments.services.forgetting import erase_printed, forget_in_results
from backend.jobs.models import JobKind
from backend.jobs.services import completing
from worker.tasks.runner import JobContext, job_task

PATIENCE_S = 60


@job_task(JobKind.ERASE_PATIENT)
def erase_patient(context: JobContext) -> None:
    """fetch: what runs on the patient → compute: nothing → record: rows, figures and files erased, in this order."""
    patient = Patient.objects.select_related("cohort").get(pk=context.job.subject_id)
    _wait_for_work(context, patient)
    context.progress(0.3, "Erasing rows")
    with transaction.atomic():
        printed = forget_in_results(patient)
        # Before the commit: a worker that dies after it would no longer know their names.
        erase_printed(printed)
        erase_everything(patient)
    context.progress(0.6, "Erasing files")
    files = erase_stored_files(patient)
    with completing(context.claim, message="Nothing of the patient is left but tombstones."):
        finish_withdrawal(patient, files=files, beside={"printed figures": len(printed)} if printed else None)


def _wait_for_work(context: JobContext, patient: Patient) -> None:
    """Jobs about the patient are stopped first: one that ended later would write what was erased."""
    end = time.monotonic() + PATIENCE_S
    while running := stop_work_on(patient):
        if time.monotonic() > end:
            raise Conflict(f"{running} jobs about this patient still run: start this job again when they have ended.")
        context.progress(0.1, "Waiting for other work on the patient to stop")
        time.sleep(1)
