"""A clinical table on its way in: staged, imported whole or not at all by a job, and erased."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from backend.accounts.models import User
from backend.audit.services import record_audit
from backend.cohorts.clinical_records import append_clinical, changed_values
from backend.cohorts.eligibility_log import evaluate_patients
from backend.cohorts.models import Cohort, Patient
from backend.cohorts.selectors import newest_clinical_records
from backend.cohorts.services import meet_patient
from backend.core.staging import erase_staged, stage_file, staged_names
from backend.jobs.models import Job, JobKind
from backend.jobs.services import enqueue_job

AREA = "clinical"
LIMIT_BYTES = 20 * 1024**2
SOURCE = "import"
# A table is staged a moment before its job exists; an hour later one without a job belongs to nobody.
LEFT_BEHIND_S = 3600


@dataclass(frozen=True, kw_only=True)
class ImportedPatient:
    """What the table means for one patient: ``changed`` names the clinical values that differ from what is known."""

    pseudonym: str
    is_new: bool
    changed: list[str]


def start_clinical_import(*, cohort: Cohort, chunks: Iterable[bytes], dry_run: bool, actor: User | None) -> Job:
    """Stages the table under a random name and queues the job that pseudonymises and records it."""
    _erase_left_behind()
    staged = stage_file(chunks, area=AREA, limit_bytes=LIMIT_BYTES)
    try:
        return enqueue_job(
            kind=JobKind.IMPORT_CLINICAL,
            subject=cohort,
            subject_title=f"into {cohort}{' (trial)' if dry_run else ''}",
            cohort_uuid=cohort.pk,
            parameters={"staged": staged, "dry_run": dry_run},
            created_by=actor,
        )
    except Exception:
        erase_staged(staged, area=AREA)
        raise


def _erase_left_behind() -> None:
    """Erases tables whose job was cancelled before a worker took it."""
    kept = Job.objects.in_flight().filter(kind=JobKind.IMPORT_CLINICAL).values_list("parameters__staged", flat=True)
    for name in set(staged_names(area=AREA, older_than_s=LEFT_BEHIND_S)) - set(kept):
        erase_staged(name, area=AREA)


def preview_clinical(cohort: Cohort, rows: Iterable[Any]) -> list[ImportedPatient]:
    """What recording these rows would do; ``rows`` are worker.compute.clinical_table.ClinicalRow."""
    rows = list(rows)
    patients = {patient.pseudonym: patient for patient in _known(cohort, rows)}
    records = newest_clinical_records(patients.values())
    return [
        ImportedPatient(
            pseudonym=row.pseudonym,
            is_new=row.pseudonym not in patients,
            changed=sorted(changed_values(_newest(patients, records, row), row.clinical)),
        )
        for row in rows
    ]


def record_clinical_import(cohort: Cohort, rows: Iterable[Any], *, actor: User | None) -> list[ImportedPatient]:
    """Writes the rows, meets patients who are new, and evaluates whoever changed. Must run inside ``completing``."""
    rows = list(rows)
    # Two imports at once would each compare with the same old records.
    Cohort.objects.select_for_update().get(pk=cohort.pk)
    outcome = preview_clinical(cohort, rows)
    for imported in outcome:
        if imported.is_new:
            meet_patient(cohort=cohort, pseudonym=imported.pseudonym)
    patients = {patient.pseudonym: patient for patient in _known(cohort, rows)}
    records = newest_clinical_records(patients.values())
    for row, imported in zip(rows, outcome, strict=True):
        patient = patients[row.pseudonym]
        if imported.changed:
            newest = records.get(patient.pk)
            append_clinical(patient=patient, newest=newest, values=row.clinical, source=SOURCE, actor=actor)
    _name_centres(cohort, rows)
    touched = [patients[imported.pseudonym] for imported in outcome if imported.changed or imported.is_new]
    evaluate_patients(cohort, touched, actor=actor)
    counts = {"rows": len(rows), "new": sum(row.is_new for row in outcome), "changed": len(touched)}
    record_audit(action="clinical.import", subject=cohort, actor=actor, cohort_uuid=cohort.pk, after=counts)
    return outcome


def _name_centres(cohort: Cohort, rows: list[Any]) -> None:
    for centre in {row.centre for row in rows if row.centre}:
        pseudonyms = [row.pseudonym for row in rows if row.centre == centre]
        Patient.objects.filter(cohort=cohort, pseudonym__in=pseudonyms).exclude(centre=centre).update(centre=centre)


def erase_clinical_table(job: Job) -> None:
    """Removes the staged table; it names patients and is not needed again."""
    erase_staged(job.parameters["staged"], area=AREA)


def _known(cohort: Cohort, rows: list[Any]) -> list[Patient]:
    pseudonyms = [row.pseudonym for row in rows]
    return list(Patient.objects.filter(cohort=cohort, pseudonym__in=pseudonyms).select_related("cohort"))


def _newest(patients: dict, records: dict, row: Any) -> Any:
    patient = patients.get(row.pseudonym)
    return records.get(patient.pk) if patient else None
