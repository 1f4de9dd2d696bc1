"""Questions about masks, readings and consensuses."""

from django.db.models import QuerySet

from backend.annotations.models import Consensus, Mask, MaskSource, Reading, Target
from backend.imaging.models import Case


def current_readings(case: Case, target: str) -> list[Reading]:
    """The newest reading of every reader (and of every imported region), in the order they were handed in."""
    newest: dict[tuple, Reading] = {}
    readings = Reading.objects.filter(case=case, target=target).select_related("mask", "reader").order_by("created_at")
    for reading in readings:
        newest[(reading.reader_id, reading.origin if reading.reader_id is None else "")] = reading
    return list(newest.values())


def current_consensus(case: Case, target: str) -> Consensus | None:
    """The newest consensus; it is what features are made from."""
    return Consensus.objects.filter(case=case, target=target).select_related("mask").order_by("-created_at").first()


def newest_mask(case: Case, target: str, source: str) -> Mask | None:
    """The newest proposal of a kind, such as the BAT rule's."""
    return Mask.objects.filter(case=case, target=target, source=source).order_by("-created_at").first()


def bat_rule_mask(case: Case) -> Mask | None:
    return newest_mask(case, Target.BAT, MaskSource.BAT_RULE)


def cases_without_consensus(cases: QuerySet[Case], target: str) -> QuerySet[Case]:
    """Cases that have a reading but nothing settled yet."""
    return (
        cases.filter(readings__target=target)
        .exclude(pk__in=Consensus.objects.filter(target=target).values("case"))
        .distinct()
    )
