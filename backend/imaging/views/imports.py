"""The import page: send files, and see what came of earlier deliveries."""

from collections.abc import Iterable
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from backend.cohorts.access import cohort_view
from backend.cohorts.list_pages import cohort_list_context, exported
from backend.cohorts.models import Centre, Role
from backend.imaging.filters import UploadFilter
from backend.imaging.listings import UPLOADS
from backend.imaging.models import Upload
from backend.imaging.selectors import UPLOAD_STATES, find_upload, outcome_counts, uploads_of
from backend.imaging.services.discarding import discard_upload
from backend.jobs.models import Job

# What is worth a look while it happens; the rest is in the list.
LIVE_JOBS = 3


@cohort_view(Role.COORDINATOR)
def upload_list(request: HttpRequest) -> HttpResponseBase:
    """The upload form above the list of deliveries, with the imports that are under way."""
    filterset = UploadFilter(request.GET, uploads_of(request.cohort))
    if file := exported(request, UPLOADS, filterset.qs, name="deliveries", make_rows=_with_outcomes):
        return file
    context = cohort_list_context(request, UPLOADS, filterset)
    _with_outcomes(context["page"])
    live = Job.objects.in_flight().filter(pk__in=[upload.job_id for upload in context["page"]])
    centres = list(Centre.objects.filter(cohort=request.cohort))
    context |= {
        "live_jobs": live[:LIVE_JOBS],
        "centres": centres,
        "own_centre": next((centre for centre in centres if centre.pk == request.centre_limit), None),
    }
    return render(request, "imaging/upload_list.html", context)


def _with_outcomes(rows: Iterable[Upload]) -> list[Upload]:
    rows = list(rows)
    counts = outcome_counts(rows)
    for upload in rows:
        upload.outcomes = counts[upload.pk]
        upload.state_title = UPLOAD_STATES[upload.state]
    return rows


@cohort_view(Role.COORDINATOR)
@require_POST
def upload_discard(request: HttpRequest, upload_id: UUID) -> HttpResponse:
    discard_upload(upload=find_upload(request.cohort, upload_id), actor=request.user)
    messages.success(request, "The delivered files were erased.")
    return redirect("imaging:upload_list", slug=request.cohort.slug)
