"""Who reads which case: given by the coordinator, with every reader's progress."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from backend.annotations.filters import AssignmentFilter
from backend.annotations.forms import AssignForm
from backend.annotations.models import Assignment
from backend.annotations.selectors import reader_progress, with_state
from backend.annotations.services.assigning import assign_all, assign_balanced, withdraw_assignment
from backend.cohorts.access import cohort_view
from backend.cohorts.models import Role
from backend.cohorts.services import current_rules
from backend.core.errors import DomainError, NotFound
from backend.core.lists import list_context
from backend.imaging.models import Case


@cohort_view(Role.COORDINATOR)
def assignments(request: HttpRequest) -> HttpResponse:
    """The list, progress per reader, and the form that gives cases."""
    readers_per_case = current_rules(request.cohort).readers_per_case
    form = AssignForm(request.POST or None, cohort=request.cohort, readers_per_case=readers_per_case)
    if request.method == "POST" and form.is_valid() and _assigned(request, form):
        return redirect("annotations:assignments", slug=request.cohort.slug)
    rows = with_state(Assignment.objects.filter(case__patient__cohort=request.cohort))
    progress = reader_progress(request.cohort)
    readers = sorted({(row["reader__username"], row["name"]) for row in progress})
    filterset = AssignmentFilter(
        request.GET, rows.order_by("case__patient__pseudonym", "target", "reader__username"), readers=readers
    )
    context = {**list_context(request, filterset), "form": form, "progress": progress}
    return render(request, "annotations/assignments.html", context)


def _assigned(request: HttpRequest, form: AssignForm) -> bool:
    values = form.cleaned_data
    shared = {
        "cohort": request.cohort,
        "readers": list(values["readers"]),
        "cases": list(values["cases"]) or list(Case.objects.filter(patient__cohort=request.cohort)),
        "target": values["target"],
        "actor": request.user,
        "due_on": values["due_on"],
    }
    try:
        if values["way"] == "all":
            made = assign_all(**shared)
        else:
            made = assign_balanced(**shared, readers_per_case=values["readers_per_case"])
    except DomainError as error:
        form.add_error(None, str(error))
        return False
    messages.success(request, f"{made} new assignments. Those that were there before stay as they were.")
    return True


@cohort_view(Role.COORDINATOR)
@require_POST
def withdraw(request: HttpRequest, assignment_id: UUID) -> HttpResponse:
    """Takes one case back from one reader."""
    rows = Assignment.objects.filter(pk=assignment_id, case__patient__cohort=request.cohort)
    assignment = rows.select_related("case__patient", "reader").first()
    if assignment is None:
        raise NotFound("There is no such assignment in this cohort.")
    withdraw_assignment(assignment=assignment, actor=request.user)
    messages.success(request, f"{assignment.reader.shown_name} no longer reads {assignment.case.patient.pseudonym}.")
    return redirect("annotations:assignments", slug=request.cohort.slug)
