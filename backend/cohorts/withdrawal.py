"""A patient withdraws: closed at once, erased by a job, and the tombstones that stay.

``request_withdrawal`` closes the patient in one transaction: no list of work, no import and no override reaches them
any more. ``erase_patient`` may die at any point and be run again: the rows go in one transaction, then the files, and
only then is the withdrawal finished.
"""

from typing import Any

from django.db import transaction
from django.db.models.functions import Now

from backend.accounts.models import User
from backend.audit.erasing import erase_values
from backend.audit.services import record_audit
from backend.cohorts.erasure import allow_erasure, counted, erase_rows, rows_of
from backend.cohorts.models import (
    ClinicalTable,
    DatasetMember,
    EligibilityDecision,
    Enrolment,
    Patient,
    PatientState,
    Withdrawal,
)
from backend.cohorts.services import current_protocol
from backend.core.errors import Conflict, InvalidInput
from backend.core.storage import erase_folder, files_below
from backend.core.without import without
from backend.jobs.models import Job, JobKind, JobState
from backend.jobs.services import cancel_job, enqueue_job


def folder_of(patient: Patient) -> str:
    """Where every stored file of the patient lies."""
    return f"{patient.cohort_id}/{patient.pseudonym}"


def plan_withdrawal(patient: Patient) -> dict[str, int]:
    """What would be erased, by kind: for the page that asks for the confirmation."""
    return {**counted(rows_of(patient.pk)), "stored files": len(files_below(folder_of(patient)))}


def request_withdrawal(*, patient: Patient, reason: str, actor: User | None) -> Withdrawal:
    """Closes the patient and queues the erasure. Raises InvalidInput without a reason, Conflict the second time."""
    if not reason.strip():
        raise InvalidInput("Say why the patient is withdrawn: the reason is what stays.")
    with transaction.atomic():
        enrolment = Enrolment.objects.select_for_update().get(patient=patient)
        if enrolment.state == PatientState.WITHDRAWN:
            raise Conflict("The patient has withdrawn already.")
        before, enrolment.state, enrolment.reason = enrolment.state, PatientState.WITHDRAWN, reason.strip()
        enrolment.save(update_fields=["state", "reason", "updated_at"])
        protocol = current_protocol(patient.cohort)
        EligibilityDecision.objects.create(
            patient=patient, protocol=protocol, state=PatientState.WITHDRAWN, criteria=[], reason=reason.strip(),
            decided_by=actor,
        )  # fmt: skip
        withdrawal = Withdrawal.objects.create(patient=patient, requested_by=actor, reason=reason.strip())
        record_audit(
            action="patient.withdraw",
            subject=patient,
            actor=actor,
            cohort_uuid=patient.cohort_id,
            before={"state": before},
            after={"state": PatientState.WITHDRAWN},
            reason=reason.strip(),
        )
        enqueue_job(
            kind=JobKind.ERASE_PATIENT,
            subject=patient,
            subject_title=patient.pseudonym,
            cohort_uuid=patient.cohort_id,
            created_by=actor,
        )
    return withdrawal


def work_on(patient: Patient) -> list[Job]:
    """Jobs in flight about something of the patient: what they would still write has to be waited for."""
    subjects = [str(key) for keys in rows_of(patient.pk).values() for key in keys]
    return list(Job.objects.in_flight().filter(subject_id__in=subjects))


def stop_work_on(patient: Patient) -> int:
    """Asks every such job to stop; how many still run."""
    for job in work_on(patient):
        if job.cancel_requested_at is None:
            cancel_job(job=job, actor=None)
    return sum(job.state == JobState.RUNNING for job in work_on(patient))


@transaction.atomic
def erase_everything(patient: Patient) -> None:
    """All rows, and every value in the tombstones, in one transaction; a second time changes nothing."""
    withdrawal = Withdrawal.objects.select_for_update().get(patient=patient)
    rows = rows_of(patient.pk)
    keys = [str(key) for found in rows.values() for key in found]
    allow_erasure()
    erase_rows(rows)
    for decision in EligibilityDecision.objects.filter(patient=patient):
        bare = [{**row, "reason": ""} for row in decision.criteria]
        EligibilityDecision.objects.filter(pk=decision.pk).update(criteria=bare)
    DatasetMember.objects.filter(patient=patient, withdrawn_at__isnull=True).update(
        cancer_type="", tp53_mutated=None, consensus_uuid=None, mask_sha256="", feature_sets={}, clinical={},
        withdrawn_at=Now(),
    )  # fmt: skip
    withdrawal.subject_ids = sorted({*withdrawal.subject_ids, *keys})
    withdrawal.erased = withdrawal.erased or counted(rows)
    withdrawal.save(update_fields=["subject_ids", "erased"])
    _empty_jobs(patient, withdrawal.subject_ids)
    _empty_tables(patient)
    _empty_audit(patient, withdrawal)


def _empty_jobs(patient: Patient, subjects: list[str]) -> None:
    own = Job.objects.filter(subject_id__in=[*subjects, str(patient.pk)]).exclude(kind=JobKind.ERASE_PATIENT)
    own.update(log="", inputs={}, result={}, message="", step="")
    for name in ("inputs", "result"):
        naming = Job.objects.filter(cohort_uuid=patient.cohort_id, **{f"{name}__icontains": patient.pseudonym})
        for job in naming.exclude(kind=JobKind.ERASE_PATIENT):
            Job.objects.filter(pk=job.pk).update(**{name: without(getattr(job, name), patient.pseudonym)})


def _empty_tables(patient: Patient) -> None:
    for table in ClinicalTable.objects.filter(cohort=patient.cohort_id, outcome__icontains=patient.pseudonym):
        ClinicalTable.objects.filter(pk=table.pk).update(outcome=without(table.outcome, patient.pseudonym))


def _empty_audit(patient: Patient, withdrawal: Withdrawal) -> None:
    jobs = Job.objects.filter(subject_id__in=withdrawal.subject_ids).values_list("pk", flat=True)
    subjects = [*withdrawal.subject_ids, str(patient.pk), *(str(pk) for pk in jobs)]
    erase_values(subject=patient, subject_ids=subjects, cohort_uuid=patient.cohort_id)


def erase_stored_files(patient: Patient) -> int:
    """Every file below the patient's folder; how many there were."""
    return erase_folder(folder_of(patient))


def finish_withdrawal(patient: Patient, *, files: int, beside: dict[str, Any] | None = None) -> Withdrawal:
    """Says what is gone. Must run inside ``completing``."""
    withdrawal = Withdrawal.objects.select_for_update().get(patient=patient)
    earlier = withdrawal.erased.get("stored files", 0)
    withdrawal.erased = {**withdrawal.erased, **(beside or {}), "stored files": earlier + files}
    withdrawal.finished_at = Now()
    withdrawal.save(update_fields=["erased", "finished_at"])
    record_audit(
        action="patient.erased",
        subject=withdrawal,
        actor=withdrawal.requested_by,
        cohort_uuid=patient.cohort_id,
        after=withdrawal.erased,
    )
    return withdrawal
