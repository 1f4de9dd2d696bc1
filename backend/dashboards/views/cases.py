"""The list of a cohort's cases, and starting the next step for all that are ready."""

from collections.abc import Iterable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from backend.annotations.blinding import blinded_case_ids
from backend.annotations.services.consensus import enqueue_missing_consensuses
from backend.cohorts.access import cohort_view
from backend.cohorts.list_pages import cohort_list_context, exported
from backend.cohorts.models import Role
from backend.cohorts.services import current_rules
from backend.dashboards.case_filters import CaseFilter
from backend.dashboards.listings import CASES
from backend.dashboards.selectors.cases import CaseRow, case_rows, cases_of
from backend.features.services.bulk import enqueue_missing_extractions
from backend.imaging.models import Case

OVERSEES = (Role.COORDINATOR, Role.ADJUDICATOR, Role.ANALYST)
STARTS_ALL = (Role.COORDINATOR, Role.ANALYST)


@cohort_view(*OVERSEES, blinded=True)
def case_list(request: HttpRequest) -> HttpResponseBase:
    """Results of cases that the person still has to read are left out of their rows."""
    blinded = blinded_case_ids(request.user, request.cohort)
    filterset = CaseFilter(request.GET, cases_of(request.cohort), blinded=blinded)

    def make_rows(cases: Iterable[Case]) -> list[CaseRow]:
        return case_rows(cases, blinded=blinded)

    if file := exported(request, CASES, filterset.qs, name="cases", make_rows=make_rows):
        return file
    context = cohort_list_context(request, CASES, filterset)
    context |= {
        "rows": make_rows(context["page"]),
        "readers_per_case": current_rules(request.cohort).readers_per_case,
        "may_start": bool(request.roles & set(STARTS_ALL)),
    }
    return render(request, "cases/case_list.html", context)


@cohort_view(*STARTS_ALL, blinded=True)
@require_POST
def start_all_consensuses(request: HttpRequest) -> HttpResponse:
    """For every case whose readings changed since its consensus, or that has none."""
    started = enqueue_missing_consensuses(
        request.cohort, actor=request.user, left_out=blinded_case_ids(request.user, request.cohort)
    )
    messages.success(request, _sentence(started, "consensus", "consensuses", "is current"))
    return redirect("cases:list", slug=request.cohort.slug)


@cohort_view(*STARTS_ALL, blinded=True)
@require_POST
def start_all_features(request: HttpRequest) -> HttpResponse:
    """For every case whose features are missing or older than its ROI."""
    started = enqueue_missing_extractions(
        request.cohort, actor=request.user, left_out=blinded_case_ids(request.user, request.cohort)
    )
    messages.success(request, _sentence(started, "extraction", "extractions", "has current features"))
    return redirect("cases:list", slug=request.cohort.slug)


def _sentence(count: int, one: str, many: str, otherwise: str) -> str:
    if not count:
        return f"Nothing to start: every case that is ready {otherwise} or is being worked on."
    return f"{count} {one if count == 1 else many} started."
