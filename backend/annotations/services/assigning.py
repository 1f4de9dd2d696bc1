"""Giving cases to readers as planned (planning.py): in one transaction, recorded with the seed of the draw."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date

from django.db import transaction
from django.db.models import Max

from backend.accounts.models import User
from backend.annotations.models import Assignment, AssignmentRound, Purpose
from backend.annotations.services.planning import AssignmentPlan, new_seed, plan_all, plan_balanced
from backend.audit.services import record_audit
from backend.cohorts.models import Cohort
from backend.core.errors import Conflict
from backend.imaging.models import Case

CHANGED = "The assignments of this cohort have changed since this was worked out: look at it once more."


def give_planned(
    *,
    cohort: Cohort,
    make_plan: Callable[[], AssignmentPlan],
    actor: User | None,
    due_on: date | None = None,
    expected_digest: str = "",
) -> AssignmentRound:
    """Makes the plan and carries it out; one at a time in a cohort.

    Raises Conflict where the plan is no longer the one of ``expected_digest`` that a person agreed to.
    """
    with transaction.atomic():
        Cohort.objects.select_for_update().get(pk=cohort.pk)
        plan = make_plan()
        if expected_digest and plan.digest != expected_digest:
            raise Conflict(CHANGED)
        given = _record_round(plan, actor, due_on)
        for reader in plan.readers:
            _append(reader, plan.shares[reader.pk], given)
        record_audit(
            action="assignment.create",
            subject=given,
            actor=actor,
            cohort_uuid=cohort.pk,
            after={
                "target": plan.target,
                "way": plan.way,
                "seed": plan.seed,
                "new": {reader.username: len(plan.shares[reader.pk]) for reader in plan.readers},
                "due_on": due_on and due_on.isoformat(),
            },
        )
    return given


def _record_round(plan: AssignmentPlan, actor: User | None, due_on: date | None) -> AssignmentRound:
    return AssignmentRound.objects.create(
        cohort=plan.cohort,
        target=plan.target,
        way=plan.way,
        seed=plan.seed,
        readers_per_case=plan.readers_per_case,
        reader_ids=[reader.pk for reader in plan.readers],
        case_count=len(plan.cases),
        given_count=plan.given_count,
        due_on=due_on,
        given_by=actor,
    )


def _append(reader: User, cases: Sequence[Case], given: AssignmentRound) -> None:
    """After what the reader has already; a case that was taken back comes with everything that was drawn on it."""
    own = Assignment.objects.filter(case__patient__cohort=given.cohort_id, reader=reader, target=given.target)
    first = (own.aggregate(last=Max("position"))["last"] or 0) + 1
    kept = Assignment.every_purpose.filter(purpose=Purpose.READING, reader=reader, target=given.target)
    before = {row.case_id: row for row in kept.filter(case__in=cases)}
    rows = [_given(reader, case, first + place, given, before.get(case.pk)) for place, case in enumerate(cases)]
    Assignment.every_purpose.bulk_create([row for row in rows if row.case_id not in before])
    Assignment.every_purpose.bulk_update(
        [row for row in rows if row.case_id in before],
        ["position", "due_on", "round", "assigned_by", "withdrawn_at", "withdrawn_by"],
    )


def _given(reader: User, case: Case, position: int, given: AssignmentRound, row: Assignment | None) -> Assignment:
    row = row or Assignment(case=case, reader=reader, target=given.target)
    row.position, row.due_on, row.round, row.assigned_by = position, given.due_on, given, given.given_by
    row.withdrawn_at = row.withdrawn_by = None
    return row


def assign_all(
    *, cohort: Cohort, readers: Sequence[User], cases: Iterable[Case], target: str, actor: User, due_on: date | None
) -> int:
    """Every case to every reader; pairs that are there stay. Returns how many assignments are new."""
    values = {"cohort": cohort, "readers": readers, "cases": list(cases), "target": target, "seed": new_seed()}
    return give_planned(cohort=cohort, make_plan=lambda: plan_all(**values), actor=actor, due_on=due_on).given_count


def assign_balanced(
    *,
    cohort: Cohort,
    readers: Sequence[User],
    cases: Iterable[Case],
    readers_per_case: int,
    target: str,
    actor: User,
    due_on: date | None,
    seed: int | None = None,
) -> int:
    """Each case to ``readers_per_case`` of the readers, drawn so that everybody's load stays within one case."""
    values = {"cohort": cohort, "readers": readers, "cases": list(cases), "target": target, "seed": seed or new_seed()}

    def make_plan() -> AssignmentPlan:
        return plan_balanced(**values, readers_per_case=readers_per_case)

    return give_planned(cohort=cohort, make_plan=make_plan, actor=actor, due_on=due_on).given_count


def assign_one(*, case: Case, reader: User, target: str, actor: User | None, due_on: date | None = None) -> Assignment:
    """One case to one reader; the assignment that is there already is returned as it is."""
    there = Assignment.objects.filter(case=case, reader=reader, target=target).first()
    if there is None:
        cohort = case.patient.cohort
        values = {"cohort": cohort, "readers": [reader], "cases": [case], "target": target, "seed": new_seed()}
        give_planned(cohort=cohort, make_plan=lambda: plan_all(**values), actor=actor, due_on=due_on)
        there = Assignment.objects.filter(case=case, reader=reader, target=target).first()
    if there is None:
        raise Conflict(f"{reader.shown_name} adjudicates this case, so it is not given to them to read.")
    return there
