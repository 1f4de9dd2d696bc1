"""Regions that came with the images: a person says which of them are the tumour."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from backend.annotations.blinding import require_readings_visible
from backend.annotations.models import RoiCandidate
from backend.annotations.regions import regions_of
from backend.annotations.services.candidates import choose_candidate, dismiss_candidate
from backend.annotations.views.requests import case_or_404
from backend.cohorts.access import cohort_view
from backend.cohorts.models import Role
from backend.core.errors import NotFound

DECIDES = (Role.COORDINATOR, Role.ADJUDICATOR)


@cohort_view(*DECIDES, blinded=True)
def regions(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """One line per lesion with its contours on PET and CT."""
    case = case_or_404(request, case_id)
    require_readings_visible(request.user, case, request.roles)
    found = regions_of(case)
    context = {"case": case, "regions": found, "open_count": sum(region.is_open for region in found)}
    return render(request, "annotations/regions.html", context)


@cohort_view(*DECIDES, blinded=True)
@require_POST
def choose(request: HttpRequest, candidate_id: UUID) -> HttpResponse:
    """Makes a reading of the region."""
    candidate = _candidate_or_404(request, candidate_id)
    choose_candidate(candidate=candidate, actor=request.user)
    messages.success(request, f"{candidate.roi_name} counts as a reading of this case. Build the consensus next.")
    return redirect("annotations:regions", slug=request.cohort.slug, case_id=candidate.case_id)


@cohort_view(*DECIDES, blinded=True)
@require_POST
def dismiss(request: HttpRequest, candidate_id: UUID) -> HttpResponse:
    """Sets the region aside; it stays in the list."""
    candidate = _candidate_or_404(request, candidate_id)
    dismiss_candidate(candidate=candidate, actor=request.user)
    messages.success(request, f"{candidate.roi_name} is not used.")
    return redirect("annotations:regions", slug=request.cohort.slug, case_id=candidate.case_id)


def _candidate_or_404(request: HttpRequest, candidate_id: UUID) -> RoiCandidate:
    rows = RoiCandidate.objects.select_related("case__patient__cohort", "series__study__patient", "mask")
    candidate = rows.filter(pk=candidate_id, case__patient__cohort=request.cohort).first()
    if candidate is None:
        raise NotFound("There is no such region in this cohort.")
    require_readings_visible(request.user, candidate.case, request.roles)
    return candidate
