"""Unlocking a reading: the coordinator says why, on a page of its own that says what follows from it."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from backend.annotations.blinding import require_readings_visible
from backend.annotations.models import Assignment, Reading
from backend.annotations.services.unlocking import signed_consensus_on, unlock_reading
from backend.cohorts.access import cohort_view
from backend.cohorts.models import Role
from backend.core.errors import Conflict, DomainError, NotFound


@cohort_view(Role.COORDINATOR, blinded=True)
def unlock(request: HttpRequest, assignment_id: UUID) -> HttpResponse:
    """Asks for the reason, and unlocks."""
    assignment = _assignment_or_404(request, assignment_id)
    require_readings_visible(request.user, assignment.case, request.roles)
    reading = assignment.readings.standing().first()
    problem = ""
    if request.method == "POST":
        problem = _unlocked(request, reading)
        if not problem:
            name, pseudonym = assignment.reader.shown_name, assignment.case.patient.pseudonym
            messages.success(request, f"{name} reads {pseudonym} again. The reading before stays in the record.")
            return redirect("annotations:assignments", slug=request.cohort.slug)
    context = {
        "assignment": assignment,
        "reading": reading,
        "signed": signed_consensus_on(reading) if reading else None,
        "withdrawn": Reading.objects.filter(assignment=assignment, withdrawal__isnull=False).select_related(
            "withdrawal__withdrawn_by"
        ),
        "problem": problem,
        "reason": request.POST.get("reason", ""),
    }
    return render(request, "annotations/unlock.html", context, status=409 if problem else 200)


def _unlocked(request: HttpRequest, reading: Reading | None) -> str:
    """The sentence that says why not, or nothing."""
    try:
        if reading is None:
            raise Conflict("This reading is not handed in: there is nothing to unlock.")
        unlock_reading(reading=reading, actor=request.user, reason=request.POST.get("reason", ""))
    except DomainError as error:
        return str(error)
    return ""


def _assignment_or_404(request: HttpRequest, assignment_id: UUID) -> Assignment:
    rows = Assignment.objects.filter(pk=assignment_id, case__patient__cohort=request.cohort)
    assignment = rows.select_related("case__patient", "reader").first()
    if assignment is None:
        raise NotFound("There is no such assignment in this cohort.")
    return assignment
