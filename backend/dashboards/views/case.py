"""The page of one case: images, SUV passport, findings, readings, agreement, consensus, brown fat and features."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from backend.annotations.blinding import BLINDED, require_readings_visible
from backend.annotations.models import Outcome, Reading, Target
from backend.annotations.services.consensus import enqueue_consensus, settle_by_hand
from backend.annotations.views.requests import case_or_404
from backend.audit.access_log import record_view
from backend.cohorts.access import cohort_view
from backend.cohorts.models import Role
from backend.cohorts.services import current_rules
from backend.core.errors import InvalidInput
from backend.dashboards.selectors import case as selectors
from backend.features.services.extraction import enqueue_extraction
from backend.imaging.models import Case
from backend.imaging.services.volumes import enqueue_bat_proposal

SEES_CASES = (Role.READER, Role.COORDINATOR, Role.ADJUDICATOR, Role.ANALYST)
STARTS = (Role.COORDINATOR, Role.ADJUDICATOR, Role.ANALYST)


@cohort_view(*SEES_CASES, blinded=True)
def case_detail(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """What a blinded person may not see is replaced by the sentence that says when it will be shown."""
    case = case_or_404(request, case_id)
    record_view(request, case)
    found = selectors.case_readings(case, request.user, request.roles)
    context = {
        "case": case,
        "images": selectors.case_images(case),
        "passport": selectors.suv_passport(case),
        "findings": selectors.case_findings(case),
        "offsets": case.offsets.select_related("set_by")[:20],
        "found": found,
        "sees_list": bool(request.roles & set(STARTS)),
        "blinded": "" if found else BLINDED,
        "assignments": selectors.case_assignments(case) if found and Role.COORDINATOR in request.roles else [],
        "open_regions": selectors.open_regions(case) if found else 0,
        "readers_per_case": current_rules(request.cohort).readers_per_case,
        "may_start": bool(found and request.roles & set(STARTS)),
        "may_settle": bool(found and Role.ADJUDICATOR in request.roles),
        "may_decide": bool(found and request.roles & {Role.COORDINATOR, Role.ADJUDICATOR}),
        "outcomes": [choice for choice in Outcome.choices if choice[0] != Outcome.LESIONS],
    }
    return render(request, "cases/case_detail.html", context)


@cohort_view(*STARTS, blinded=True)
@require_POST
def start_consensus(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Builds the consensus of the readings that are there now."""
    case = _visible_case(request, case_id)
    target = request.POST.get("target") or Target.TUMOUR
    if target not in Target.values:
        raise InvalidInput(f"The target is {' or '.join(Target.values)}.")
    enqueue_consensus(case, target=target, actor=request.user)
    return _started(request, case, "The consensus is being built.")


@cohort_view(*STARTS, blinded=True)
@require_POST
def start_bat(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Looks for brown fat by the protocol's rule."""
    case = _visible_case(request, case_id)
    enqueue_bat_proposal(case)
    return _started(request, case, "Brown fat is being looked for.")


@cohort_view(*STARTS, blinded=True)
@require_POST
def start_features(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Extracts the features of the consensus ROI."""
    case = _visible_case(request, case_id)
    enqueue_extraction(case, actor=request.user)
    return _started(request, case, "The features are being extracted.")


@cohort_view(Role.ADJUDICATOR, blinded=True)
@require_POST
def settle(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """The adjudicator's word: ``choice`` is a reading's identifier or an outcome without a mask."""
    case = _visible_case(request, case_id)
    choice, reason = request.POST.get("choice", ""), request.POST.get("reason", "")
    if choice in (Outcome.NO_AVID_TUMOUR, Outcome.NOT_EVALUABLE):
        settle_by_hand(case=case, outcome=choice, reading=None, reason=reason, actor=request.user)
    else:
        reading = _reading(case, choice)
        settle_by_hand(case=case, outcome=Outcome.LESIONS, reading=reading, reason=reason, actor=request.user)
    return _started(request, case, "The consensus is settled.")


def _reading(case: Case, choice: str) -> Reading | None:
    try:
        return (
            Reading.objects.standing()
            .filter(pk=UUID(choice), case=case, target=Target.TUMOUR)
            .select_related("mask")
            .first()
        )
    except ValueError:
        return None


def _visible_case(request: HttpRequest, case_id: UUID) -> Case:
    case = case_or_404(request, case_id)
    require_readings_visible(request.user, case, request.roles)
    return case


def _started(request: HttpRequest, case: Case, sentence: str) -> HttpResponse:
    messages.success(request, sentence)
    return redirect("cases:detail", slug=request.cohort.slug, case_id=case.pk)
