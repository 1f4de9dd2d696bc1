"""Clinical table: staged CSV by hospital number → records and p53 reads under pseudonyms, all or nothing."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager

from backend.cohorts.clinical_import import (
    AREA,
    ImportedPatient,
    erase_clinical_table,
    preview_clinical,
    record_clinical_import,
)
from backend.cohorts.models import Cohort
from backend.cohorts.secrets import pseudonym_secret
from backend.core.staging import staged_path
from backend.jobs.models import JobKind
from backend.jobs.services import completing
from backend.pathology.services.reads import count_new_reads, record_imported_reads
from worker.compute.clinical_table import ClinicalRow, read_clinical_table
from worker.tasks.runner import JobContext, job_task

LISTED_PATIENTS = 500


@job_task(JobKind.IMPORT_CLINICAL)
def import_clinical(context: JobContext) -> None:
    """fetch: the staged table → compute: check and pseudonymise → record: clinical records and p53 reads."""
    cohort = Cohort.objects.get(pk=context.job.subject_id)
    path = staged_path(context.job.parameters["staged"], area=AREA)
    with _erased_afterwards(context):
        context.progress(0.1, "Checking every cell")
        rows = read_clinical_table(path.read_bytes(), pseudonym_secret(cohort))
        context.inputs(rows=len(rows), pseudonymised_rows_sha256=_digest(rows))
        trial = context.job.parameters["dry_run"]
        result = _result(preview_clinical(cohort, rows), count_new_reads(cohort, rows))
        context.progress(0.5, "Comparing" if trial else "Recording")
        with completing(context.claim, message=_sentence(result, trial=trial), result=result):
            if not trial:
                record_clinical_import(cohort, rows, actor=context.job.created_by)
                record_imported_reads(cohort, rows, actor=context.job.created_by)


@contextmanager
def _erased_afterwards(context: JobContext) -> Iterator[None]:
    """The table goes whether the attempt succeeds or fails; only a worker that dies leaves it for the next attempt."""
    try:
        yield
    finally:
        erase_clinical_table(context.job)


def _digest(rows: list[ClinicalRow]) -> str:
    """Of what was made of the table, not of the table: that one names patients."""
    return hashlib.sha256(repr(rows).encode()).hexdigest()


def _result(outcome: list[ImportedPatient], new_reads: int) -> dict:
    listed = {row.pseudonym: _change(row) for row in outcome[:LISTED_PATIENTS]}
    return {
        "rows": len(outcome),
        "new_patients": sum(row.is_new for row in outcome),
        "changed_records": sum(bool(row.changed) for row in outcome),
        "p53_reads": new_reads,
        "patients": listed,
    }


def _change(row: ImportedPatient) -> str:
    what = ", ".join(row.changed) or "nothing new"
    return f"new patient: {what}" if row.is_new else what


def _sentence(result: dict, *, trial: bool) -> str:
    counts = "{new_patients} new patients, {changed_records} clinical records, {p53_reads} p53 reads".format(**result)
    if trial:
        return f"The table can be imported as it is: {result['rows']} rows, of them {counts}. Nothing was written."
    return f"{result['rows']} rows imported: {counts}."
