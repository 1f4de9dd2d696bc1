"""Who would get which case: worked out before anything is given, so that a coordinator sees it first.

A plan follows from its inputs and its seed alone. It is made again when it is confirmed, and its digest says whether
the cohort has changed in between.
"""

import hashlib
import json
import random
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, Q

from backend.accounts.models import User
from backend.annotations.models import Assignment, Purpose
from backend.cohorts.models import Cohort, Membership, Role
from backend.core.errors import InvalidInput
from backend.imaging.models import Case

LARGEST_SEED = 2**31 - 1


@dataclass(frozen=True, kw_only=True)
class AssignmentPlan:
    """``shares`` holds the new cases of each reader in the order of reading; ``there`` the pairs that stand already."""

    cohort: Cohort
    target: str
    way: str
    seed: int
    readers: tuple[User, ...]
    cases: tuple[Case, ...]
    shares: dict[int, tuple[Case, ...]]
    there: frozenset[tuple[UUID, int]]
    load_before: dict[int, int]
    readers_per_case: int | None = None

    @property
    def given_count(self) -> int:
        return sum(len(cases) for cases in self.shares.values())

    @property
    def digest(self) -> str:
        """The same for the same pairs in the same orders."""
        pairs = {str(reader): [str(case.pk) for case in cases] for reader, cases in self.shares.items()}
        return hashlib.sha256(json.dumps([self.target, pairs], sort_keys=True).encode()).hexdigest()


def new_seed() -> int:
    """A seed that a person can read off a page and type again."""
    return random.SystemRandom().randint(1, LARGEST_SEED)


def plan_all(*, cohort: Cohort, readers: Sequence[User], cases: Iterable[Case], target: str, seed: int):
    """Every case to every reader, but for the pairs that stand already."""
    cases = _sorted(cases)
    wanted = {(case.pk, reader.pk) for case in cases for reader in readers}
    return _plan(cohort, readers, cases, wanted, target=target, seed=seed, way="all")


def plan_by_hand(
    *, cohort: Cohort, pairs: Iterable[tuple[UUID, int]], readers: Sequence[User], cases: Iterable[Case], target: str,
    seed: int,
):  # fmt: skip
    """The pairs (case, reader) that a person ticked."""
    return _plan(cohort, readers, _sorted(cases), set(pairs), target=target, seed=seed, way="hand")


def plan_balanced(
    *, cohort: Cohort, readers: Sequence[User], cases: Iterable[Case], readers_per_case: int, target: str, seed: int
) -> AssignmentPlan:
    """Each case to ``readers_per_case`` readers (with those who have it), so that all loads stay within one case.

    Raises InvalidInput where fewer readers are chosen than a case needs.
    """
    if not 1 <= readers_per_case <= len(readers):
        raise InvalidInput(f"Choose between 1 and {len(readers)} readers per case: that many are selected.")
    cases = _sorted(cases)
    load, taken = load_of(cohort, readers, target), taken_pairs(cohort, target)
    wanted = _drawn(cases, readers, readers_per_case, load, taken, pairs_beyond_limits(cohort, readers, cases), seed)
    return _plan(
        cohort, readers, cases, wanted, target=target, seed=seed, way="balanced", readers_per_case=readers_per_case
    )


def _drawn(
    cases: list[Case],
    readers: Sequence[User],
    readers_per_case: int,
    load: dict[int, int],
    taken: frozenset[tuple[UUID, int]],
    beyond: frozenset[tuple[UUID, int]],
    seed: int,
) -> set[tuple[UUID, int]]:
    draw, load, wanted = random.Random(seed), dict(load), set()
    having: dict[UUID, set[int]] = {}
    for case_id, reader_id in taken:
        having.setdefault(case_id, set()).add(reader_id)
    shuffled = list(cases)
    draw.shuffle(shuffled)
    for case in shuffled:
        already = having.get(case.pk, set())
        chosen = [reader.pk for reader in sorted(readers, key=lambda one: one.pk)]
        free = [pk for pk in chosen if pk not in already and (case.pk, pk) not in beyond]
        draw.shuffle(free)
        for reader_id in sorted(free, key=lambda one: load[one])[: max(readers_per_case - len(already), 0)]:
            wanted.add((case.pk, reader_id))
            load[reader_id] += 1
    return wanted


def _plan(
    cohort: Cohort,
    readers: Sequence[User],
    cases: list[Case],
    wanted: set[tuple[UUID, int]],
    *,
    target: str,
    seed: int,
    way: str,
    readers_per_case: int | None = None,
) -> AssignmentPlan:
    _check(cohort, readers, cases)
    taken = taken_pairs(cohort, target)
    wanted = wanted - taken - pairs_beyond_limits(cohort, readers, cases)
    return AssignmentPlan(
        cohort=cohort,
        target=str(target),
        way=way,
        seed=seed,
        readers=tuple(readers),
        cases=tuple(cases),
        shares={reader.pk: _ordered(reader, cases, wanted, seed) for reader in readers},
        there=frozenset(pair for pair in taken if pair[0] in {case.pk for case in cases}),
        load_before=load_of(cohort, readers, target),
        readers_per_case=readers_per_case,
    )


def _ordered(reader: User, cases: list[Case], wanted: set[tuple[UUID, int]], seed: int) -> tuple[Case, ...]:
    """In an order of the reader's own, so that tiredness and learning do not fall on the same cases."""
    own = [case for case in cases if (case.pk, reader.pk) in wanted]
    random.Random(f"{seed}/{reader.pk}").shuffle(own)
    return tuple(own)


def _sorted(cases: Iterable[Case]) -> list[Case]:
    return sorted(cases, key=lambda case: (case.patient.pseudonym, str(case.pk)))


def _check(cohort: Cohort, readers: Sequence[User], cases: Sequence[Case]) -> None:
    if not readers:
        raise InvalidInput("Choose at least one reader.")
    if not cases:
        raise InvalidInput("There is no case to give: choose cases, or import images first.")
    members = Membership.objects.filter(cohort=cohort, role=Role.READER, user__in=readers).values_list(
        "user", flat=True
    )
    known = set(members)
    missing = [reader.shown_name for reader in readers if reader.pk not in known]
    if missing:
        raise InvalidInput(f"{missing[0]} is not a reader of this cohort: give the role first.")


def load_of(cohort: Cohort, readers: Sequence[User], target: str) -> dict[int, int]:
    """How many cases of a target each reader has, handed in or not."""
    rows = Assignment.objects.filter(case__patient__cohort=cohort, target=target, reader__in=readers)
    counted = Counter(dict(rows.order_by().values_list("reader").annotate(number=Count("pk"))))
    return {reader.pk: counted[reader.pk] for reader in readers}


def pairs_beyond_limits(cohort: Cohort, readers: Sequence[User], cases: Iterable[Case]) -> frozenset[tuple[UUID, int]]:
    """The pairs (case, reader) of a reader who is limited to another centre than the case's."""
    rows = Membership.objects.filter(cohort=cohort, user__in=readers, centre__isnull=False)
    limits = dict(rows.values_list("user_id", "centre_id"))
    return frozenset(
        (case.pk, reader) for case in cases for reader, centre in limits.items() if case.patient.centre_id != centre
    )


def taken_pairs(cohort: Cohort, target: str) -> frozenset[tuple[UUID, int]]:
    """The pairs (case, reader) that stand.

    Whoever adjudicates a case has seen its readings, so it is never given to them to read.
    """
    standing = Q(withdrawn_at__isnull=True) | Q(purpose=Purpose.ADJUDICATION)
    rows = Assignment.every_purpose.filter(standing, case__patient__cohort=cohort, target=target)
    return frozenset(rows.values_list("case_id", "reader_id"))
