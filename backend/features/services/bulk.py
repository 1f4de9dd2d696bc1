"""Extracting the features of every case of a cohort whose features are missing or made from an older ROI or recipe."""

from collections.abc import Collection
from uuid import UUID

from backend.accounts.models import User
from backend.annotations.models import Target
from backend.cohorts.models import Cohort
from backend.core.errors import Conflict
from backend.features.selectors import sources_of
from backend.features.services.extraction import enqueue_extraction
from backend.features.staleness import changes_of, standing_of_sets
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
    """Whether all four sources stand on what counts now: consensus, brown fat, place of the PET and recipe."""
    rows = sources_of(case)
    if not all(rows.values()):
        return False
    standing = standing_of_sets(case.patient.cohort, list(rows.values()))
    return not any(changes_of(row, standing) for row in rows.values())
