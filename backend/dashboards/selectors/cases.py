"""The cohort's cases with how far each is, for one page of cases at a constant number of queries."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from backend.annotations.models import Assignment, Consensus, Mask, MaskSource, Reading, RoiCandidate, Target
from backend.cohorts.models import Cohort
from backend.features.models import FeatureSet
from backend.features.selectors import current_feature_sets
from backend.imaging.models import Case

_OWN = OuterRef("pk")
_BY_CASE = Consensus.objects.standing().filter(case=_OWN)
STAGES: dict[str, tuple[str, Q]] = {
    "to_read": ("Without a reading", ~Q(has_reading=True)),
    "to_settle": ("Read, without consensus", Q(has_reading=True, has_consensus=False)),
    "settled": ("With consensus", Q(has_consensus=True)),
    "regions": ("Regions to decide", Q(open_regions__gt=0)),
    "bat": ("Brown fat not signed", Q(has_signed_bat=False)),
}


@dataclass(frozen=True, kw_only=True)
class CaseRow:
    """One case as the list shows it; results are left out for who is blinded."""

    case: Case
    is_blinded: bool
    consensus: Consensus | None
    lowest_dice: float | None
    bat: Consensus | None
    has_bat_rule: bool
    features: list[FeatureSet]


def cases_of(cohort: Cohort) -> QuerySet[Case]:
    """The cases with what the list filters by."""
    tumour = Reading.objects.standing().filter(case=_OWN, target=Target.TUMOUR)
    regions = RoiCandidate.objects.filter(case=_OWN, state=RoiCandidate.State.OPEN)
    given = Assignment.objects.filter(case=_OWN, target=Target.TUMOUR)
    return (
        Case.objects.filter(patient__cohort=cohort)
        .select_related("patient__centre", "ct", "pet__series", "study")
        .annotate(
            has_reading=Exists(tumour),
            has_consensus=Exists(_BY_CASE.filter(target=Target.TUMOUR)),
            has_signed_bat=Exists(_BY_CASE.filter(target=Target.BAT, is_signed=True)),
            has_bat_rule=Exists(Mask.objects.filter(case=_OWN, source=MaskSource.BAT_RULE)),
            open_regions=_count(regions),
            reading_count=_count(tumour),
            assigned_count=_count(given),
        )
        .order_by("patient__pseudonym", "created_at")
    )


def _count(rows: QuerySet) -> Coalesce:
    """As a query of its own: a joined count would group the whole list, even to count its rows."""
    return Coalesce(Subquery(rows.order_by().values("case").annotate(number=Count("pk")).values("number")), 0)


def case_rows(cases: Iterable[Case], *, blinded: frozenset[UUID]) -> list[CaseRow]:
    """The rows of one page."""
    cases = list(cases)
    settled = _newest(cases)
    features: dict[UUID, list[FeatureSet]] = {}
    for row in current_feature_sets(Case.objects.filter(pk__in=[case.pk for case in cases])).defer("values"):
        features.setdefault(row.case_id, []).append(row)
    return [_row(case, settled, features, hidden=case.pk in blinded) for case in cases]


def _row(case: Case, settled: dict, features: dict, *, hidden: bool) -> CaseRow:
    consensus = None if hidden else settled.get((case.pk, Target.TUMOUR))
    pairs = consensus.agreement.get("pairs", []) if consensus else []
    return CaseRow(
        case=case,
        is_blinded=hidden,
        consensus=consensus,
        lowest_dice=min((pair["dice"] for pair in pairs if pair.get("dice") is not None), default=None),
        bat=None if hidden else settled.get((case.pk, Target.BAT)),
        has_bat_rule=case.has_bat_rule,
        features=[] if hidden else features.get(case.pk, []),
    )


def _newest(cases: list[Case]) -> dict[tuple[UUID, str], Consensus]:
    rows = (
        Consensus.objects.standing()
        .filter(case__in=cases)
        .select_related("mask")
        .order_by("case", "target", "-created_at")
    )
    return {(row.case_id, row.target): row for row in rows.distinct("case", "target")}
