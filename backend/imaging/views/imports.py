"""The import page: send files, and see what came of earlier deliveries."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from backend.cohorts.access import cohort_view
from backend.cohorts.models import Role
from backend.core.lists import list_context
from backend.imaging.filters import UploadFilter
from backend.imaging.selectors import UPLOAD_STATES, find_upload, outcome_counts, uploads_of
from backend.imaging.services.discarding import discard_upload
from backend.jobs.models import Job

# What is worth a look while it happens; the rest is in the list.
LIVE_JOBS = 3


@cohort_view(Role.COORDINATOR)
def upload_list(request: HttpRequest) -> HttpResponse:
    """The upload form above the list of deliveries, with the imports that are under way."""
    context = list_context(request, UploadFilter(request.GET, uploads_of(request.cohort)))
    counts = outcome_counts(context["page"])
    for upload in context["page"]:
        upload.outcomes = counts[upload.pk]
        upload.state_title = UPLOAD_STATES[upload.state]
    live = Job.objects.in_flight().filter(pk__in=[upload.job_id for upload in context["page"]])
    return render(request, "imaging/upload_list.html", {**context, "live_jobs": live[:LIVE_JOBS]})


@cohort_view(Role.COORDINATOR)
@require_POST
def upload_discard(request: HttpRequest, upload_id: UUID) -> HttpResponse:
    discard_upload(upload=find_upload(request.cohort, upload_id), actor=request.user)
    messages.success(request, "The delivered files were erased.")
    return redirect("imaging:upload_list", slug=request.cohort.slug)
