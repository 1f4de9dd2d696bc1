"""The report of one delivery: what became of every file, and what came of them."""

from uuid import UUID

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render

from backend.audit.access_log import record_view
from backend.cohorts.access import cohort_view
from backend.cohorts.models import Role
from backend.core.lists import list_context
from backend.imaging.exports import report_csv
from backend.imaging.filters import ImportedFileFilter
from backend.imaging.models import ImportedFile, Upload
from backend.imaging.selectors import UPLOAD_STATES, cases_of, find_upload, outcome_counts, patients_of
from backend.jobs.models import Job

ROWS_PER_PAGE = 100
SHOWN_PATIENTS = 24
# What each outcome means, for the numbers above the list.
MEANINGS = {
    ImportedFile.Outcome.STORED: "de-identified and kept",
    ImportedFile.Outcome.ALREADY_THERE: "delivered before, kept once",
    ImportedFile.Outcome.IGNORED: "no DICOM image, left out",
    ImportedFile.Outcome.REFUSED: "not kept, the reason is below",
}


@cohort_view(Role.COORDINATOR)
def upload_report(request: HttpRequest, upload_id: UUID) -> HttpResponseBase:
    """Searchable list of the files; ``?export=csv`` downloads what the filters leave."""
    upload = find_upload(request.cohort, upload_id)
    filterset = ImportedFileFilter(request.GET, upload.files.order_by("ordinal"))
    if request.GET.get("export") == "csv":
        record_view(request, upload, "export", format="csv")
        return report_csv(filterset.qs, name=f"import-{upload.created_at:%Y-%m-%d}-{str(upload.pk)[:8]}")
    context = list_context(request, filterset, rows_per_page=ROWS_PER_PAGE)
    return render(request, "imaging/upload_report.html", {**context, **_summary(upload)})


def _summary(upload: Upload) -> dict:
    counts = outcome_counts([upload])[upload.pk]
    patients = list(patients_of(upload)[: SHOWN_PATIENTS + 1])
    return {
        "upload": upload,
        "state_title": UPLOAD_STATES[upload.state],
        "job": Job.objects.filter(pk=upload.job_id).first(),
        "tiles": [(outcome, outcome.label, counts[outcome], MEANINGS[outcome]) for outcome in ImportedFile.Outcome],
        "file_total": sum(counts.values()),
        "patients": patients[:SHOWN_PATIENTS],
        "patient_count": len(patients) if len(patients) <= SHOWN_PATIENTS else patients_of(upload).count(),
        "case_count": cases_of(upload).count() if patients else 0,
    }
