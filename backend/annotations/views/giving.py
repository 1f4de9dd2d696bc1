"""Giving cases to readers in two steps: choose cases and readers, look at who would get what, and only then give."""

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from backend.annotations.blinding import blinded_case_ids
from backend.annotations.choosing import CASES_SHOWN, CaseChoiceFilter, cases_to_give
from backend.annotations.forms import GiveForm, identifiers, ticked_pairs
from backend.annotations.models import Target
from backend.annotations.services.assigning import give_planned
from backend.annotations.services.planning import AssignmentPlan, new_seed, plan_all, plan_balanced, plan_by_hand
from backend.cohorts.access import cohort_view
from backend.cohorts.models import CancerType, Role
from backend.cohorts.services import current_rules
from backend.core.errors import DomainError, InvalidInput
from backend.imaging.models import Case


@cohort_view(Role.COORDINATOR)
def give(request: HttpRequest) -> HttpResponse:
    """``step`` is choose (the form comes again with what was chosen), preview or give."""
    readers_per_case = current_rules(request.cohort).readers_per_case
    if request.method != "POST":
        return _choose(request, GiveForm(cohort=request.cohort, readers_per_case=readers_per_case))
    form = GiveForm(request.POST, cohort=request.cohort, readers_per_case=readers_per_case)
    if not form.is_valid():
        return _choose(request, form)
    try:
        return _next_step(request, form)
    except DomainError as error:
        form.add_error(None, str(error))
        return _choose(request, form)


def _next_step(request: HttpRequest, form: GiveForm) -> HttpResponse:
    cases, values = _chosen_cases(request), form.cleaned_data
    if values["way"] == "hand" and "pair" not in request.POST:
        return _by_hand(request, form, cases)
    make_plan = _planner(request, values, cases)
    if request.POST.get("step") != "give":
        return _preview(request, form, make_plan())
    given = give_planned(
        cohort=request.cohort,
        make_plan=make_plan,
        actor=request.user,
        due_on=values["due_on"],
        expected_digest=request.POST.get("digest", "-"),
    )
    messages.success(request, f"{given.given_count} new assignments. Those that were there before stay as they were.")
    return redirect("annotations:assignments", slug=request.cohort.slug)


def _planner(request: HttpRequest, values: dict, cases: list[Case]) -> Callable[[], AssignmentPlan]:
    """A function that works out the same plan again, from the seed that is on the page from the first time on."""
    shared = {
        "cohort": request.cohort,
        "readers": list(values["readers"]),
        "cases": cases,
        "target": values["target"],
        "seed": values["seed"] or new_seed(),
    }
    if values["way"] == "balanced":
        return lambda: plan_balanced(**shared, readers_per_case=values["readers_per_case"])
    if values["way"] == "hand":
        pairs = ticked_pairs(request.POST.getlist("pair"))
        return lambda: plan_by_hand(**shared, pairs=pairs)
    return lambda: plan_all(**shared)


def _chosen_cases(request: HttpRequest) -> list[Case]:
    wanted = identifiers(request.POST.getlist("case"))
    cases = list(Case.objects.filter(pk__in=wanted, patient__cohort=request.cohort).select_related("patient"))
    if len(cases) < len(wanted):
        raise InvalidInput("A chosen case is not in this cohort: load the page again.")
    if not cases:
        raise InvalidInput("Choose the cases to give in the table.")
    return cases


def _choose(request: HttpRequest, form: GiveForm) -> HttpResponse:
    target = request.POST.get("target") or request.GET.get("task")
    target = target if target in Target.values else Target.TUMOUR
    if not form.is_bound:
        form.fields["target"].initial = target
    blinded = blinded_case_ids(request.user, request.cohort)
    rules = current_rules(request.cohort)
    filterset = CaseChoiceFilter(
        request.GET,
        cases_to_give(request.cohort, target),
        cohort=request.cohort,
        readers_per_case=rules.readers_per_case,
        blinded=blinded,
    )
    shown, chosen = list(filterset.qs[: CASES_SHOWN + 1]), set(request.POST.getlist("case"))
    for case in shown:
        case.is_blinded, case.is_chosen = case.pk in blinded, str(case.pk) in chosen
        case.cancer_title = CancerType(case.cancer_type).label if case.cancer_type else ""
    context = {
        "form": form,
        "filter": filterset,
        "cases": shown[:CASES_SHOWN],
        "more": len(shown) > CASES_SHOWN,
        "readers_per_case": rules.readers_per_case,
    }
    return render(request, "annotations/give.html", context)


def _by_hand(request: HttpRequest, form: GiveForm, cases: list[Case]) -> HttpResponse:
    plan = _planner(request, {**form.cleaned_data, "way": "all"}, cases)()
    context = {"form": form, "plan": plan, "rows": _rows(request, plan), "case_ids": _joined(cases)}
    return render(request, "annotations/give_by_hand.html", context)


def _preview(request: HttpRequest, form: GiveForm, plan: AssignmentPlan) -> HttpResponse:
    if not plan.given_count:
        raise InvalidInput("These readers have these cases already: there is nothing new to give.")
    pairs = [f"{case.pk}:{reader}" for reader, cases in plan.shares.items() for case in cases]
    context = {
        "form": form,
        "plan": plan,
        "rows": _rows(request, plan),
        "loads": _loads(plan),
        "case_ids": _joined(plan.cases),
        "pairs": ",".join(pairs) if plan.way == "hand" else "",
    }
    return render(request, "annotations/give_preview.html", context)


def _joined(cases: list[Case] | tuple[Case, ...]) -> str:
    return ",".join(str(case.pk) for case in cases)


def _loads(plan: AssignmentPlan) -> list[tuple[str, int, int, int]]:
    """(reader, has, new, then)."""
    rows = [(reader, plan.load_before[reader.pk], len(plan.shares[reader.pk])) for reader in plan.readers]
    return [(reader.shown_name, before, new, before + new) for reader, before, new in rows]


def _rows(request: HttpRequest, plan: AssignmentPlan) -> list[tuple[Case, list[dict]]]:
    """Each case with a cell per reader: the place in that reader's order, or that the reader has it already.

    Who else has a case that the coordinator still has to read is left out: that is others' work on it.
    """
    blinded = blinded_case_ids(request.user, request.cohort)
    place: dict[tuple[UUID, int], int] = {
        (case.pk, reader): number for reader, cases in plan.shares.items() for number, case in enumerate(cases, 1)
    }
    return [
        (
            case,
            [
                {
                    "reader": reader,
                    "value": f"{case.pk}:{reader.pk}",
                    "place": place.get((case.pk, reader.pk)),
                    "has_it": (case.pk, reader.pk) in plan.there
                    and (case.pk not in blinded or reader.pk == request.user.pk),
                }
                for reader in plan.readers
            ],
        )
        for case in plan.cases
    ]
