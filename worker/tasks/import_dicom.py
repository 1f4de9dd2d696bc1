"""Import: files of a delivery → de-identified instances, and what became of each file."""

import functools

from pydicom import Dataset

from backend.cohorts.secrets import pseudonym_secret
from backend.imaging.models import Upload
from backend.imaging.services.receiving import incomplete_ordinals
from backend.imaging.services.recording import StoredInstance, record_import, store_instance, why_refused
from backend.imaging.services.uploads import erase_staging, open_delivery
from backend.jobs.models import JobKind
from backend.jobs.services import completing
from worker.compute.deidentify.tree import FileOutcome, deidentify_files
from worker.compute.instances import summarise_instance
from worker.tasks.runner import JobContext, job_task


@job_task(JobKind.IMPORT_DICOM)
def import_dicom(context: JobContext) -> None:
    """fetch: the staged delivery → compute: de-identify → record: instances and outcomes."""
    upload = Upload.objects.select_related("cohort", "centre", "uploaded_by").get(pk=context.job.subject_id)
    delivery = open_delivery(upload, context.workspace)
    stored: list[StoredInstance] = []
    refused: dict[int, str] = {}
    refusal = functools.cache(functools.partial(why_refused, upload))

    def keep(outcome: FileOutcome, clean: Dataset, content: bytes) -> None:
        summary = summarise_instance(clean, scan_month=outcome.acquisition_month)
        if sentence := refusal(summary.pseudonym):
            refused[outcome.file_number] = sentence
        else:
            stored.append(store_instance(upload.cohort, summary, content))

    outcomes = deidentify_files(delivery, pseudonym_secret(upload.cohort), keep, context.progress)
    lacking = "The file did not arrive completely: send it again."
    refused |= dict.fromkeys(incomplete_ordinals(upload), lacking)
    rows = _rows(outcomes, refused)
    with completing(context.claim, message=_sentence(rows), result={"files": len(rows)}):
        record_import(upload=upload, stored=stored, outcomes=rows)
    erase_staging(upload)


def _rows(outcomes: list[FileOutcome], refused: dict[int, str]) -> list[dict]:
    """What became of each file; of one that did not arrive completely only its empty place was read."""
    rows = [_row(outcome) for outcome in outcomes]
    for row in rows:
        if row["ordinal"] in refused:
            row.update(outcome="refused", reason=refused[row["ordinal"]], sop_instance_uid="")
    return rows


def _row(outcome: FileOutcome) -> dict:
    return {
        "ordinal": outcome.file_number,
        "outcome": outcome.status,
        "reason": outcome.reason[:300],
        "sop_instance_uid": outcome.sop_uid,
    }


def _sentence(rows: list[dict]) -> str:
    counts = {status: sum(row["outcome"] == status for row in rows) for status in ("stored", "refused", "ignored")}
    return "{stored} files stored, {refused} refused, {ignored} ignored.".format(**counts)
