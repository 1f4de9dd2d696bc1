"""Taking cases back from readers: what was drawn stays as it is, and whoever does it is told so before."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.db.models import Count
from django.utils import timezone

from backend.accounts.models import User
from backend.annotations.models import Assignment, handed_in
from backend.audit.services import record_audit
from backend.cohorts.models import Cohort
from backend.core.errors import Conflict, InvalidInput, NotFound

OWN = "You read {pseudonym} yourself: ask another coordinator to take it back."
HANDED_IN = "{reader} has handed in {pseudonym}, so the assignment stays."
GONE = "There is no such assignment in this cohort, or it was taken back already."
DRAWN = (
    "{reader} has drawn on {pseudonym}: the revisions are kept and come back with the case if it is given again. "
    "Agree to that, or leave it out."
)


@dataclass(frozen=True, kw_only=True)
class Withdrawal:
    """What taking these cases back would mean: ``drawn`` keep their revisions."""

    untouched: list[Assignment]
    drawn: list[Assignment]

    @property
    def all(self) -> list[Assignment]:
        return [*self.untouched, *self.drawn]


def plan_withdrawal(*, cohort: Cohort, assignment_ids: Iterable[UUID], actor: User) -> Withdrawal:
    """Sorts the chosen assignments; each has ``revision_count``.

    Raises NotFound for one of another cohort, and Conflict for one's own (a coordinator who also reads would see the
    others' readings by it) and for one that is handed in.
    """
    wanted = set(assignment_ids)
    rows = list(
        Assignment.objects.filter(pk__in=wanted, case__patient__cohort=cohort)
        .select_related("case__patient", "reader")
        .annotate(
            revision_count=Count("masks", distinct=True),
            is_handed_in=handed_in(),
        )
        .order_by("case__patient__pseudonym", "reader__username", "target")
    )
    if not wanted:
        raise InvalidInput("Choose the assignments to take back.")
    if len(rows) < len(wanted):
        raise NotFound(GONE)
    for row in rows:
        _check(row, actor)
    return Withdrawal(
        untouched=[row for row in rows if not row.revision_count], drawn=[row for row in rows if row.revision_count]
    )


def _check(row: Assignment, actor: User) -> None:
    names = {"pseudonym": row.case.patient.pseudonym, "reader": row.reader.shown_name}
    if row.reader_id == actor.pk:
        raise Conflict(OWN.format(**names))
    if row.is_handed_in:
        raise Conflict(HANDED_IN.format(**names))


def withdraw_assignments(
    *, cohort: Cohort, assignment_ids: Iterable[UUID], actor: User, keep_drawn: bool = False
) -> Withdrawal:
    """Takes the cases back, all or none. Drawn ones only where ``keep_drawn`` says that their revisions stay behind."""
    with transaction.atomic():
        wanted = list(assignment_ids)
        # Held, so that nobody draws or hands in between the look and the taking.
        list(Assignment.objects.select_for_update().filter(pk__in=wanted).order_by("pk"))
        plan = plan_withdrawal(cohort=cohort, assignment_ids=wanted, actor=actor)
        if plan.drawn and not keep_drawn:
            first = plan.drawn[0]
            raise Conflict(DRAWN.format(reader=first.reader.shown_name, pseudonym=first.case.patient.pseudonym))
        Assignment.objects.filter(pk__in=wanted).update(withdrawn_at=timezone.now(), withdrawn_by=actor)
        for row in plan.all:
            _record(row, actor, cohort)
    return plan


def _record(row: Assignment, actor: User, cohort: Cohort) -> None:
    record_audit(
        action="assignment.withdraw",
        subject=row,
        actor=actor,
        cohort_uuid=cohort.pk,
        before={
            "case": str(row.case_id),
            "reader": row.reader.username,
            "target": row.target,
            "revisions_kept": row.revision_count,
        },
    )
