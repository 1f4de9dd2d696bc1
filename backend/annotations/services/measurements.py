"""Keeping what a worker measured in a reading."""

from backend.annotations.models import Reading, ReadingMeasurement
from backend.audit.services import record_audit


def record_measurement(
    reading: Reading, *, whole: dict | None = None, lesions: list[dict] | None = None, problem: str = ""
) -> ReadingMeasurement:
    """Writes the uptake of a reading, once. Must run inside ``completing``."""
    values = {"whole": whole or {}, "lesions": lesions or [], "problem": problem}
    measurement, _ = ReadingMeasurement.objects.update_or_create(reading=reading, defaults=values)
    record_audit(
        action="reading.measure",
        subject=reading,
        cohort_uuid=reading.case.patient.cohort_id,
        after={"lesions": len(values["lesions"]), "problem": problem},
    )
    return measurement
