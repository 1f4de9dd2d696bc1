"""Questions about masks, readings and consensuses."""

from collections.abc import Iterator

from django.db.models import BooleanField, CharField, Count, Exists, F, OuterRef, Q, QuerySet, Value, When
from django.db.models import Case as Case_
from django.utils import timezone

from backend.accounts.models import User
from backend.annotations.blinding import blinded_case_ids
from backend.annotations.models import Assignment, Consensus, Mask, MaskSource, Reading, Target, handed_in
from backend.cohorts.models import Cohort
from backend.imaging.models import Case


def current_readings(case: Case, target: str) -> list[Reading]:
    """The newest reading of every reader (and of every imported region), in the order they were handed in."""
    newest: dict[tuple, Reading] = {}
    rows = Reading.objects.standing().filter(case=case, target=target)
    readings = rows.select_related("mask", "reader").order_by("created_at")
    for reading in readings:
        newest[(reading.reader_id, reading.origin if reading.reader_id is None else "")] = reading
    return list(newest.values())


def current_consensus(case: Case, target: str) -> Consensus | None:
    """The newest consensus, unless a reading that it was made from was withdrawn; it is what features are made from."""
    return (
        Consensus.objects.standing()
        .filter(case=case, target=target)
        .select_related("mask")
        .order_by("-created_at")
        .first()
    )


def newest_mask(case: Case, target: str, source: str) -> Mask | None:
    """The newest proposal of a kind, such as the BAT rule's."""
    return Mask.objects.filter(case=case, target=target, source=source).order_by("-created_at").first()


def bat_rule_mask(case: Case) -> Mask | None:
    return newest_mask(case, Target.BAT, MaskSource.BAT_RULE)


def cases_without_consensus(cases: QuerySet[Case], target: str) -> QuerySet[Case]:
    """Cases that have a reading but nothing settled yet."""
    mine = {"case": OuterRef("pk"), "target": target}
    read, settled = Reading.objects.standing().filter(**mine), Consensus.objects.standing().filter(**mine)
    return cases.filter(Exists(read), ~Exists(settled))


def proposals_of(case: Case, target: str) -> QuerySet[Mask]:
    """What programs proposed to the reader of a target, newest first: brown fat by rule, tumours by nnU-Net."""
    source = MaskSource.BAT_RULE if target == Target.BAT else MaskSource.NNUNET
    return Mask.objects.filter(case=case, target=target, source=source).order_by("-created_at")


def proposal_behind(revision: Mask) -> Mask | None:
    """The proposal that a revision or one that it was drawn on names; the newest counts. One query for the chain."""
    rows = (
        Mask.objects.filter(assignment=revision.assignment_id, case=revision.case_id) if revision.assignment_id else []
    )
    known = {mask.pk: mask for mask in [*rows, revision]}
    waiting, seen = [revision.pk], set()
    while waiting:
        mask = known.get(waiting.pop(0))
        if mask is None or mask.pk in seen:
            continue
        if mask.proposal_id:
            return mask.proposal
        seen.add(mask.pk)
        waiting += [parent for parent in (mask.parent_id, mask.merged_id) if parent]
    return None


def newest_revision(assignment: Assignment) -> Mask | None:
    """What the server confirmed last."""
    return Mask.objects.filter(assignment=assignment).order_by("-number", "-created_at").first()


def revisions_of(assignment: Assignment) -> QuerySet[Mask]:
    """Every revision, newest first, with ``is_tip`` where nothing was drawn on it or merged from it."""
    followed = Mask.objects.filter(Q(parent=OuterRef("pk")) | Q(merged=OuterRef("pk")))
    rows = Mask.objects.filter(assignment=assignment).annotate(is_tip=~Exists(followed))
    return rows.order_by("-number", "-created_at")


def assignments_of(user: User) -> QuerySet[Assignment]:
    """A reader's assignments in the order of reading, each with ``state`` (submitted, open or waiting)."""
    membership = "case__patient__cohort__memberships"
    within = Q(**{f"{membership}__centre__isnull": True}) | Q(**{f"{membership}__centre": F("case__patient__centre")})
    own = Assignment.objects.filter(within, reader=user, **{f"{membership}__user": user}).distinct()
    return with_state(own).order_by("case__patient__cohort__name", "target", "position", "created_at")


def with_state(assignments: QuerySet[Assignment]) -> QuerySet[Assignment]:
    """Adds ``is_overdue`` and ``state``: submitted once handed in, open once it was looked at, else waiting."""
    state = Case_(
        When(handed_in(), then=Value("submitted")),
        When(opened_at__isnull=False, then=Value("open")),
        default=Value("waiting"),
        output_field=CharField(),
    )
    late = Case_(
        When(Q(due_on__lt=timezone.localdate()) & ~handed_in(), then=Value(True)),
        default=Value(False),
        output_field=BooleanField(),
    )
    rows = assignments.annotate(state=state, is_overdue=late)
    return rows.select_related("case__patient__cohort", "case__ct", "case__pet", "reader")


def next_assignment(assignment: Assignment) -> Assignment | None:
    """The reader's next case of the same target in the cohort that is not handed in: after this one, else the first."""
    waiting = (
        Assignment.objects.to_read()
        .filter(
            reader=assignment.reader,
            target=assignment.target,
            case__patient__cohort=assignment.case.patient.cohort_id,
        )
        .exclude(pk=assignment.pk)
    )
    later = waiting.filter(position__gt=assignment.position)
    return later.order_by("position").first() or waiting.order_by("position").first()


def previous_assignment(assignment: Assignment) -> Assignment | None:
    """The one before in the reader's order, handed in or not."""
    own = Assignment.objects.filter(
        reader=assignment.reader, target=assignment.target, case__patient__cohort=assignment.case.patient.cohort_id
    )
    return own.filter(position__lt=assignment.position).order_by("-position").first()


def assignments_seen_by(user: User, cohort: Cohort) -> QuerySet[Assignment]:
    """A cohort's assignments without those of others on cases that the person has still to read."""
    rows = Assignment.objects.filter(case__patient__cohort=cohort)
    return rows.exclude(~Q(reader=user), case__in=blinded_case_ids(user, cohort))


def _counted(assignments: QuerySet[Assignment], by: tuple[str, ...]) -> Iterator[tuple[tuple, int]]:
    for *key, number in assignments.order_by().values_list(*by).annotate(number=Count("pk", distinct=True)):
        yield tuple(key), number


def reader_progress(assignments: QuerySet[Assignment]) -> list[dict]:
    """Per reader and target: ``total``, ``submitted`` and ``overdue`` assignments, and ``name``."""
    by = ("reader__username", "reader__display_name", "target")
    done = Reading.objects.standing().filter(assignment__isnull=False).values("assignment")
    today = timezone.localdate()
    counted = {
        name: dict(_counted(rows, by))
        for name, rows in {
            "total": assignments,
            "submitted": assignments.filter(pk__in=done),
            "overdue": assignments.filter(due_on__lt=today).exclude(pk__in=done),
        }.items()
    }
    rows = [
        {**dict(zip(by, key, strict=True)), **{name: found.get(key, 0) for name, found in counted.items()}}
        for key in sorted(counted["total"])
    ]
    return [
        {
            **row,
            "name": row["reader__display_name"] or row["reader__username"],
            "target_title": Target(row["target"]).label,
        }
        for row in rows
    ]
