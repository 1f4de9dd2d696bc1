"""Extracting the features of every case of a cohort whose features are missing or made from an older ROI."""

from collections.abc import Collection
from uuid import UUID

from backend.accounts.models import User
from backend.annotations.models import Target
from backend.annotations.selectors import current_consensus
from backend.cohorts.models import Cohort
from backend.core.errors import Conflict
from backend.features.models import FeatureSet, Source
from backend.features.selectors import sources_of
from backend.features.services.extraction import bat_roi, enqueue_extraction
from backend.imaging.models import Case


def enqueue_missing_extractions(cohort: Cohort, *, actor: User | None, left_out: Collection[UUID] = ()) -> int:
    """Returns how many were started; cases without consensus, and those that are being extracted, are passed over."""
    cases = Case.objects.filter(patient__cohort=cohort, consensuses__target=Target.TUMOUR).distinct()
    started = 0
    for case in cases.exclude(pk__in=left_out).select_related("patient__cohort"):
        if has_current_features(case):
            continue
        try:
            enqueue_extraction(case, actor=actor)
        except Conflict:
            continue
        started += 1
    return started


def has_current_features(case: Case) -> bool:
    """Whether all four sources stand on the newest consensus, the newest brown fat and the newest offset."""
    rows = sources_of(case)
    if not all(rows.values()):
        return False
    consensus = current_consensus(case, Target.TUMOUR)
    tumour = all(rows[source].consensus_id == consensus.pk for source in (Source.TUMOUR_CT, Source.TUMOUR_PET))
    return tumour and _bat_is_current(case, rows) and not _moved_since(case, rows)


def _bat_is_current(case: Case, rows: dict[str, FeatureSet]) -> bool:
    try:
        mask = bat_roi(case).mask
    except Conflict:
        return True
    return all(rows[source].mask_id == (mask.pk if mask else None) for source in (Source.BAT_CT, Source.BAT_PET))


def _moved_since(case: Case, rows: dict[str, FeatureSet]) -> bool:
    newest = case.offsets.order_by("-created_at").first()
    return newest is not None and any(newest.created_at > row.created_at for row in rows.values())
