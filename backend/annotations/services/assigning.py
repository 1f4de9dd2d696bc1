"""Giving cases to readers: all to all, a balanced random share, or by hand; every reader gets an order of their own."""

import random
from collections.abc import Iterable, Sequence
from datetime import date
from uuid import UUID

from django.db import transaction
from django.db.models import Count, Max

from backend.accounts.models import User
from backend.annotations.models import Assignment
from backend.audit.services import record_audit
from backend.cohorts.models import Cohort, Membership, Role
from backend.core.errors import Conflict, InvalidInput
from backend.imaging.models import Case


def assign_all(
    *, cohort: Cohort, readers: Sequence[User], cases: Iterable[Case], target: str, actor: User, due_on: date | None
) -> int:
    """Every case to every reader; pairs that are there stay. Returns how many assignments are new."""
    return _assign(cohort, {reader: list(cases) for reader in readers}, target, actor, due_on)


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
    if not 1 <= readers_per_case <= len(readers):
        raise InvalidInput(f"Choose between 1 and {len(readers)} readers per case: that many are selected.")
    draw = random.Random(seed)
    shares: dict[User, list[Case]] = {reader: [] for reader in readers}
    load = _load(cohort, readers, target)
    taken = _taken(cohort, target)
    shuffled = list(cases)
    draw.shuffle(shuffled)
    for case in shuffled:
        already = taken.get(case.pk, set())
        free = [reader for reader in readers if reader.pk not in already]
        draw.shuffle(free)
        for reader in sorted(free, key=lambda one: load[one.pk])[: max(readers_per_case - len(already), 0)]:
            shares[reader].append(case)
            load[reader.pk] += 1
    return _assign(cohort, shares, target, actor, due_on, draw)


def _load(cohort: Cohort, readers: Sequence[User], target: str) -> dict[int, int]:
    rows = Assignment.objects.filter(case__patient__cohort=cohort, target=target, reader__in=readers)
    counted = dict(rows.order_by().values_list("reader").annotate(number=Count("pk")))
    return {reader.pk: counted.get(reader.pk, 0) for reader in readers}


def _taken(cohort: Cohort, target: str) -> dict[UUID, set[int]]:
    taken: dict[UUID, set[int]] = {}
    # Whoever adjudicates a case has seen its readings, so it is never given to them to read.
    for case_id, reader_id in Assignment.every_purpose.filter(case__patient__cohort=cohort, target=target).values_list(
        "case_id", "reader_id"
    ):
        taken.setdefault(case_id, set()).add(reader_id)
    return taken


def _assign(
    cohort: Cohort,
    shares: dict[User, list[Case]],
    target: str,
    actor: User | None,
    due_on: date | None,
    draw: random.Random | None = None,
) -> int:
    _check(cohort, shares)
    draw, made = draw or random.Random(), 0
    taken = _taken(cohort, target)
    with transaction.atomic():
        for reader, cases in shares.items():
            own = [case for case in cases if reader.pk not in taken.get(case.pk, set())]
            # The order is drawn anew for every reader, so that tiredness and learning do not fall on the same cases.
            draw.shuffle(own)
            made += len(_append(cohort, reader, own, target, actor, due_on))
        record_audit(
            action="assignment.create",
            subject=cohort,
            actor=actor,
            cohort_uuid=cohort.pk,
            after={"target": str(target), "new": made, "readers": [reader.username for reader in shares]},
        )
    return made


def _append(
    cohort: Cohort, reader: User, cases: list[Case], target: str, actor: User | None, due_on: date | None
) -> list[Assignment]:
    own = Assignment.objects.filter(case__patient__cohort=cohort, reader=reader, target=target)
    first = (own.aggregate(last=Max("position"))["last"] or 0) + 1
    return Assignment.objects.bulk_create(
        [
            Assignment(
                case=case, reader=reader, target=target, position=first + place, due_on=due_on, assigned_by=actor
            )
            for place, case in enumerate(cases)
        ]
    )


def _check(cohort: Cohort, shares: dict[User, list[Case]]) -> None:
    if not shares:
        raise InvalidInput("Choose at least one reader.")
    if not any(shares.values()):
        raise InvalidInput("There is no case to give: choose cases, or import images first.")
    readers = Membership.objects.filter(cohort=cohort, role=Role.READER, user__in=list(shares)).values_list("user")
    missing = [reader.shown_name for reader in shares if (reader.pk,) not in set(readers)]
    if missing:
        raise InvalidInput(f"{missing[0]} is not a reader of this cohort: give the role first.")


def assign_one(*, case: Case, reader: User, target: str, actor: User | None, due_on: date | None = None) -> Assignment:
    """One case to one reader; the assignment that is there already is returned as it is."""
    there = Assignment.objects.filter(case=case, reader=reader, target=target).first()
    if there is None:
        _assign(case.patient.cohort, {reader: [case]}, target, actor, due_on)
        there = Assignment.objects.filter(case=case, reader=reader, target=target).first()
    if there is None:
        raise Conflict(f"{reader.shown_name} adjudicates this case, so it is not given to them to read.")
    return there


def withdraw_assignment(*, assignment: Assignment, actor: User) -> None:
    """Takes a case back from a reader who has drawn nothing yet; what was drawn stays and so does its assignment.

    Never from oneself: a coordinator who also reads would see the others' readings by it, and could take it again.
    """
    if assignment.reader_id == actor.pk:
        raise Conflict("You read this case yourself: ask another coordinator to take it back.")
    with transaction.atomic():
        if assignment.masks.exists() or assignment.readings.exists():
            raise Conflict("Something was drawn or handed in here already, so the assignment stays.")
        record_audit(
            action="assignment.withdraw",
            subject=assignment,
            actor=actor,
            cohort_uuid=assignment.case.patient.cohort_id,
            before={"case": str(assignment.case_id), "reader": assignment.reader.username, "target": assignment.target},
        )
        assignment.delete()
