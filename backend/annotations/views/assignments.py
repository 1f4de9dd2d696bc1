"""Who reads which case: the coordinator's list with every reader's progress, and taking cases back."""

from collections.abc import Iterable

from django.contrib import messages
from django.db.models import OuterRef, Prefetch, QuerySet, Subquery, Sum, prefetch_related_objects
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from backend.annotations.blinding import blinded_case_ids
from backend.annotations.filters import AssignmentFilter
from backend.annotations.forms import identifiers
from backend.annotations.listings import READINGS
from backend.annotations.models import Assignment, AssignmentRound, Reading, ReadingSession
from backend.annotations.selectors import assignments_seen_by, reader_progress, with_state
from backend.annotations.services.withdrawing import GONE, plan_withdrawal, withdraw_assignments
from backend.cohorts.access import cohort_view
from backend.cohorts.list_pages import cohort_list_context, exported
from backend.cohorts.models import Role
from backend.core.errors import DomainError, NotFound

ROUNDS_SHOWN = 10


@cohort_view(Role.COORDINATOR, blinded=True)
def assignments(request: HttpRequest) -> HttpResponseBase:
    """The list, the progress per reader, and how the cases were given out.

    A coordinator who also reads does not see who else has the cases that are still to be handed in.
    """
    hidden = blinded_case_ids(request.user, request.cohort)
    seen = assignments_seen_by(request.user, request.cohort)
    progress = reader_progress(seen)
    readers = sorted({(row["reader__username"], row["name"]) for row in progress})
    filterset = AssignmentFilter(request.GET, _rows(seen), readers=readers)
    if file := exported(request, READINGS, filterset.qs, name="readings", make_rows=with_handed_in):
        return file
    context = cohort_list_context(request, READINGS, filterset)
    with_handed_in(context["page"])
    context |= {
        "progress": progress,
        "hidden_count": len(hidden),
        "rounds": [] if hidden else _rounds(request),
    }
    return render(request, "annotations/assignments.html", context)


def _rows(seen: QuerySet[Assignment]) -> QuerySet[Assignment]:
    rows = with_state(seen).annotate(reading_seconds=_reading_seconds())
    return rows.order_by("case__patient__pseudonym", "target", "reader__username", "pk")


def with_handed_in(rows: Iterable[Assignment]) -> list[Assignment]:
    """Each with ``handed_in_readings``: those that stand, newest first, with their masks."""
    rows = list(rows)
    standing = Reading.objects.standing().select_related("mask").order_by("-created_at")
    prefetch_related_objects(rows, Prefetch("readings", queryset=standing, to_attr="handed_in_readings"))
    return rows


def _reading_seconds() -> Subquery:
    sessions = ReadingSession.objects.filter(assignment=OuterRef("pk")).order_by().values("assignment")
    return Subquery(sessions.annotate(total=Sum("active_seconds")).values("total"))


def _rounds(request: HttpRequest) -> list[AssignmentRound]:
    return list(AssignmentRound.objects.filter(cohort=request.cohort).select_related("given_by")[:ROUNDS_SHOWN])


@cohort_view(Role.COORDINATOR, blinded=True)
@require_POST
def withdraw(request: HttpRequest) -> HttpResponse:
    """Takes the chosen assignments back; asks first, and says what becomes of what was drawn in them."""
    back = redirect("annotations:assignments", slug=request.cohort.slug)
    try:
        chosen = identifiers(request.POST.getlist("assignment"))
        if assignments_seen_by(request.user, request.cohort).filter(pk__in=chosen).count() < len(chosen):
            raise NotFound(GONE)
        values = {"cohort": request.cohort, "assignment_ids": chosen, "actor": request.user}
        if request.POST.get("confirmed") != "yes":
            plan = plan_withdrawal(**values)
            ids = ",".join(str(row.pk) for row in plan.all)
            return render(request, "annotations/withdraw.html", {"plan": plan, "ids": ids})
        done = withdraw_assignments(**values, keep_drawn=request.POST.get("keep_drawn") == "yes")
    except DomainError as error:
        messages.error(request, str(error))
        return back
    kept = f" What was drawn in {len(done.drawn)} of them is kept." if done.drawn else ""
    messages.success(request, f"{len(done.all)} assignments were taken back.{kept}")
    return back
