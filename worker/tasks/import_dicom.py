"""Import: files of a delivery → de-identified instances, and what became of each file."""

from backend.cohorts.secrets import pseudonym_secret
from backend.imaging.models import Upload
from backend.imaging.services.recording import StoredInstance, record_import, store_instance
from backend.imaging.services.uploads import erase_staging, open_delivery
from backend.jobs.models import JobKind
from backend.jobs.services import completing
from worker.compute.deidentify.tree import FileOutcome, deidentify_tree
from worker.compute.instances import summarise_instance
from worker.tasks.runner import JobContext, job_task

# Of the progress bar: de-identifying, then storing.
_DEIDENTIFIED = 0.7


@job_task(JobKind.IMPORT_DICOM)
def import_dicom(context: JobContext) -> None:
    """fetch: the staged delivery → compute: de-identify → record: instances and outcomes."""
    upload = Upload.objects.select_related("cohort").get(pk=context.job.subject_id)
    delivery = open_delivery(upload, context.workspace)
    clean = context.workspace / "clean"
    outcomes = deidentify_tree(
        delivery, clean, pseudonym_secret(upload.cohort), lambda f, step: context.progress(f * _DEIDENTIFIED, step)
    )
    stored = _store(context, upload, clean, outcomes)
    with completing(context.claim, message=_sentence(outcomes), result={"files": len(outcomes)}):
        record_import(upload=upload, stored=stored, outcomes=[_row(outcome) for outcome in outcomes])
    erase_staging(upload)


def _store(context: JobContext, upload: Upload, clean, outcomes: list[FileOutcome]) -> list[StoredInstance]:
    kept = [outcome for outcome in outcomes if outcome.status == "stored"]
    stored = []
    for number, outcome in enumerate(kept, start=1):
        summary = summarise_instance(clean / outcome.output_path, scan_month=outcome.acquisition_month)
        stored.append(store_instance(upload.cohort, summary))
        context.progress(_DEIDENTIFIED + (1 - _DEIDENTIFIED) * number / len(kept), "Storing")
    return stored


def _row(outcome: FileOutcome) -> dict:
    return {
        "ordinal": outcome.file_number,
        "outcome": outcome.status,
        "reason": outcome.reason[:300],
        "sop_instance_uid": outcome.sop_uid,
    }


def _sentence(outcomes: list[FileOutcome]) -> str:
    counts = {
        status: sum(outcome.status == status for outcome in outcomes) for status in ("stored", "refused", "ignored")
    }
    return "{stored} files stored, {refused} refused, {ignored} ignored.".format(**counts)
