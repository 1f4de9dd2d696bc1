"""One thing done to many patients of the board: what would happen, then the doing, then the board with the result."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from backend.cohorts.access import cohort_view
from backend.cohorts.models import Role
from backend.core.errors import DomainError
from backend.dashboards.bulk.actions import action_of, counted
from backend.dashboards.bulk.plans import Action, Plan
from backend.dashboards.bulk.results import keep_result
from backend.dashboards.bulk.selection import Selection, selection_of

NAMES_SHOWN = 50


@cohort_view(Role.COORDINATOR, Role.ANALYST, blinded=True)
@require_POST
def bulk(request: HttpRequest) -> HttpResponse:
    """``action`` on the chosen patients; nothing happens before ``confirmed`` is yes."""
    action = action_of(request.POST.get("action", ""), request.roles)
    selection = selection_of(request)
    plan = action.plan(request.cohort, selection.patients)
    is_confirmed = request.POST.get("confirmed") == "yes"
    form = action.form(request.POST if is_confirmed else None, cohort=request.cohort) if action.form else None
    if not is_confirmed or (form and not form.is_valid()) or not plan.ready:
        return _ask(request, action, selection, plan, form)
    try:
        count, late = action.carry_out(
            request.cohort, plan, actor=request.user, values=form.cleaned_data if form else {}
        )
    except DomainError as error:
        if form is None:
            raise
        form.add_error(None, str(error))
        return _ask(request, action, selection, plan, form)
    sentence = action.done.format(n=counted(action, count))
    keep_result(request, sentence=sentence, left_out={**plan.left_out, **late}, blinded_count=selection.blinded_count)
    board = reverse("dashboards:board", kwargs={"slug": request.cohort.slug})
    return redirect(f"{board}?{selection.query}")


def _ask(request: HttpRequest, action: Action, selection: Selection, plan: Plan, form: object) -> HttpResponse:
    number = len(plan.ready)
    context = {
        "action": action,
        "selection": selection,
        "form": form,
        "question": action.question.format(n=f"{number:,} {'patient' if number == 1 else 'patients'}"),
        "count": number,
        "names": [getattr(row, "pseudonym", None) or row.patient.pseudonym for row in plan.ready[:NAMES_SHOWN]],
        "left_out": [(reason, len(names), names[:NAMES_SHOWN]) for reason, names in plan.left_out.items()],
    }
    return render(request, "dashboards/bulk.html", context)
