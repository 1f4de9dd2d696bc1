"""Shift DICOM dates and date-times by whole days; times of day stay, a date that cannot be read is emptied."""

import re
from datetime import date, timedelta

# DA is YYYYMMDD, the retired ACR-NEMA form YYYY.MM.DD; DT adds a time and an offset (DICOM PS3.5 6.2).
_DATE_PREFIX = re.compile(r"^(\d{4})[.-]?(\d{2})[.-]?(\d{2})")


def parse_date(value: str) -> date | None:
    """The day at the start of a DA or DT value; None when there is no whole day in it."""
    found = _DATE_PREFIX.match(value.strip())
    if not found:
        return None
    try:
        return date(*(int(part) for part in found.groups()))
    except ValueError:
        return None


def shift_value(value: str, days: int) -> str:
    """One DA or DT value moved by days; the part after the day is kept as written.

    A value without a whole day (``2021``, ``202103``, damaged ones) cannot be moved by days and becomes empty.
    """
    day = parse_date(value)
    if day is None:
        return ""
    rest = _DATE_PREFIX.sub("", value.strip())
    if re.search(r"[^\d.+\-]", rest):
        return ""
    try:
        return f"{day + timedelta(days=days):%Y%m%d}{rest}"
    except OverflowError:
        return ""


def age_string(birth: date, study: date) -> str:
    """DICOM's AS value in whole years."""
    years = study.year - birth.year - ((study.month, study.day) < (birth.month, birth.day))
    return f"{max(0, years):03d}Y"
