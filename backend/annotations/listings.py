"""The columns of the lists of readings: a cohort's with their readers, and one's own."""

from backend.annotations.models import Assignment
from backend.core.lists import Column, Listing

_STATES = {"waiting": "not started", "open": "started", "submitted": "handed in"}
_PATIENT = Column(key="patient", title="Patient", value=lambda row: row.case.patient.pseudonym, is_fixed=True)
_TASK = Column(key="task", title="Task", value=lambda row: row.get_target_display())
_STATE = Column(key="state", title="State", value=lambda row: _STATES[row.state])
_DUE_ON = Column(key="due_on", title="Due on", value=lambda row: row.due_on)
_GIVEN_ON = Column(key="given_at", title="Given on", value=lambda row: row.created_at)
_PLACE = Column(key="place", title="Place in order", value=lambda row: row.position)


def _last_reading(row: Assignment):
    """The reading that stands, where it was handed in; the view has fetched the readings of the rows."""
    return next((reading for reading in row.handed_in_readings), None)


def _handed_in_at(row: Assignment):
    reading = _last_reading(row)
    return reading.created_at if reading else None


def _outcome(row: Assignment) -> str:
    reading = _last_reading(row)
    return reading.get_outcome_display() if reading else ""


def _volume_ml(row: Assignment) -> float | None:
    reading = _last_reading(row)
    return reading.mask.volume_ml if reading and reading.mask else None


READINGS = Listing(
    page="annotations:assignments",
    columns=(
        _PATIENT,
        Column(key="centre", title="Centre", value=lambda row: str(row.case.patient.centre or ""), is_extra=True),
        _TASK,
        Column(key="reader", title="Reader", value=lambda row: row.reader.shown_name),
        _PLACE,
        _STATE,
        _DUE_ON,
        Column(key="reading_time_s", title="Reading time", value=lambda row: row.reading_seconds),
        Column(key="handed_in_at", title="Handed in", value=_handed_in_at, is_extra=True),
        Column(key="outcome", title="Outcome", value=_outcome, is_extra=True),
        Column(key="volume_ml", title="Volume", value=_volume_ml, is_extra=True),
    ),
)

OWN_READINGS = Listing(page="annotations:worklist", columns=(_PLACE, _PATIENT, _TASK, _STATE, _DUE_ON, _GIVEN_ON))
