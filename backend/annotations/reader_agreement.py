"""What a cohort's agreement is made of: the comparison of every case's standing readings, and what readers measured."""

from dataclasses import dataclass
from uuid import UUID

from backend.annotations.adjudication import reading_title
from backend.annotations.models import Consensus, Outcome, Reading, Target
from backend.cohorts.models import Cohort


@dataclass(frozen=True, kw_only=True)
class ReaderMeasure:
    """One standing tumour reading: ``volume_ml`` as drawn, ``suv_bw_max`` as measured on the native PET grid."""

    case: str
    reader: str
    outcome: str
    volume_ml: float | None
    suv_bw_max: float | None


def cases_compared(cohort: Cohort) -> list[Consensus]:
    """The newest standing automatic consensus of every case, which holds how its readers compare."""
    rows = Consensus.objects.standing().filter(
        case__patient__cohort=cohort, target=Target.TUMOUR, is_signed=False, agreement__has_key="outcomes"
    )
    newest = rows.select_related("case__patient").order_by("case_id", "-created_at").distinct("case_id")
    return sorted(newest, key=lambda row: row.case.patient.pseudonym)


def reader_measures(cohort: Cohort) -> list[ReaderMeasure]:
    """Every reader's newest standing reading of every case; regions that came with the images are nobody's."""
    rows = Reading.objects.standing().filter(case__patient__cohort=cohort, target=Target.TUMOUR, reader__isnull=False)
    newest: dict[tuple[UUID, int], Reading] = {}
    for reading in rows.select_related("mask", "reader", "measurement").order_by("created_at"):
        newest[(reading.case_id, reading.reader_id)] = reading
    return [_measure(reading) for reading in newest.values()]


def _measure(reading: Reading) -> ReaderMeasure:
    measurement = getattr(reading, "measurement", None)
    volume_ml = {Outcome.LESIONS: reading.mask and reading.mask.volume_ml, Outcome.NO_AVID_TUMOUR: 0.0}
    return ReaderMeasure(
        case=str(reading.case_id),
        reader=f"{reading_title(reading)} ({reading.reader.username})",
        outcome=reading.outcome,
        volume_ml=volume_ml.get(Outcome(reading.outcome)),
        suv_bw_max=measurement.whole.get("suv_bw_max") if measurement else None,
    )
