"""Looking at what was handed in, all at once over the images; and from there to settling the case, or reopening it."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from backend.annotations.blinding import require_readings_visible
from backend.annotations.comparison import ShownMask, masks_to_compare
from backend.annotations.manifests import comparison_manifest
from backend.annotations.models import Target
from backend.annotations.services.adjudicating import open_adjudication, reopen_consensus
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
    choices = [shown for shown in masks_to_compare(case) if shown.kind != "votes"]
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
    chosen = _chosen(request, [shown for shown in masks_to_compare(case) if shown.kind != "votes"])
    response = JsonResponse(_manifest(request, case, chosen))
    response["Cache-Control"] = "no-store"
    return response


def _manifest(request: HttpRequest, case: Case, chosen: ShownMask | None) -> dict:
    return comparison_manifest(
        case,
        shown=chosen.mask if chosen else None,
        title=chosen.title if chosen else "",
        target=chosen.target if chosen else Target.TUMOUR,
        csrf_token=get_token(request),
    )


@cohort_view(Role.ADJUDICATOR, blinded=True)
@require_POST
def adjudicate(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Takes the case up, or goes on where the person left it, and opens the viewer."""
    case = case_or_404(request, case_id)
    assignment = open_adjudication(case=case, actor=request.user, roles=request.roles)
    return redirect("annotations:view", slug=request.cohort.slug, assignment_id=assignment.pk)


@cohort_view(Role.ADJUDICATOR, Role.COORDINATOR, blinded=True)
@require_POST
def reopen(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Takes the signature under the consensus back, with a reason."""
    case = case_or_404(request, case_id)
    require_readings_visible(request.user, case, request.roles)
    reopen_consensus(case=case, actor=request.user, reason=request.POST.get("reason", ""))
    messages.success(request, "The consensus is reopened. What was made from it is marked as stale.")
    return redirect("cases:detail", slug=request.cohort.slug, case_id=case.pk)


def _chosen(request: HttpRequest, choices: list[ShownMask]) -> ShownMask | None:
    wanted = request.GET.get("mask", "")
    return next((shown for shown in choices if str(shown.mask.pk) == wanted), choices[0] if choices else None)
