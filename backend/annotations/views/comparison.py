"""Looking at what was handed in, side by side: consensus, readings and proposals over the images, nothing to draw."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.urls import reverse

from backend.annotations.blinding import require_readings_visible
from backend.annotations.comparison import ShownMask, masks_to_compare
from backend.annotations.manifests import comparison_manifest
from backend.annotations.models import Target
from backend.annotations.views.requests import case_or_404
from backend.audit.access_log import record_view
from backend.cohorts.access import cohort_view
from backend.cohorts.models import Role
from backend.imaging.models import Case

COMPARES = (Role.COORDINATOR, Role.ADJUDICATOR, Role.ANALYST)


@cohort_view(*COMPARES, blinded=True)
def view_case(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """The viewer with one mask shown and links to the others."""
    case = case_or_404(request, case_id)
    require_readings_visible(request.user, case, request.roles)
    record_view(request, case)
    choices = masks_to_compare(case)
    chosen = _chosen(request, choices)
    address = reverse("annotations:case_manifest", kwargs={"slug": request.cohort.slug, "case_id": case.pk})
    context = {
        "case": case,
        "choices": choices,
        "chosen": chosen,
        "manifest_url": f"{address}?mask={chosen.mask.pk}" if chosen else address,
    }
    return render(request, "annotations/comparison.html", context)


@cohort_view(*COMPARES, blinded=True)
def case_manifest(request: HttpRequest, case_id: UUID) -> JsonResponse:
    """The viewer's input for the same page."""
    case = case_or_404(request, case_id)
    require_readings_visible(request.user, case, request.roles)
    chosen = _chosen(request, masks_to_compare(case))
    response = JsonResponse(_manifest(request, case, chosen))
    response["Cache-Control"] = "no-store"
    return response


def _manifest(request: HttpRequest, case: Case, chosen: ShownMask | None) -> dict:
    return comparison_manifest(
        case,
        shown=chosen.mask if chosen else None,
        target=chosen.target if chosen else Target.TUMOUR,
        csrf_token=get_token(request),
    )


def _chosen(request: HttpRequest, choices: list[ShownMask]) -> ShownMask | None:
    wanted = request.GET.get("mask", "")
    return next((shown for shown in choices if str(shown.mask.pk) == wanted), choices[0] if choices else None)
