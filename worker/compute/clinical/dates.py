"""Dates of clinical tables: one format a column, because 03/04/2021 is two different days."""

import re
from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime, timedelta

EARLIEST_YEAR = 1990
ISO = "YYYY-MM-DD"
EXCEL = "Excel serial number"
LOOKED_AT = 500
_YEAR_FIRST, _DAY_FIRST = ("year", "month", "day"), ("day", "month", "year")
_NUMERIC: dict[str, tuple[str, tuple[str, ...]]] = {
    ISO: (r"(\d{4})-(\d{2})-(\d{2})", _YEAR_FIRST),
    "YYYY/MM/DD": (r"(\d{4})/(\d{1,2})/(\d{1,2})", _YEAR_FIRST),
    "YYYY.MM.DD": (r"(\d{4})\.(\d{1,2})\.(\d{1,2})", _YEAR_FIRST),
    "YYYYMMDD": (r"(\d{4})(\d{2})(\d{2})", _YEAR_FIRST),
    "DD.MM.YYYY": (r"(\d{1,2})\.(\d{1,2})\.(\d{4})", _DAY_FIRST),
    "DD/MM/YYYY": (r"(\d{1,2})/(\d{1,2})/(\d{4})", _DAY_FIRST),
    "DD-MM-YYYY": (r"(\d{1,2})-(\d{1,2})-(\d{4})", _DAY_FIRST),
    "MM/DD/YYYY": (r"(\d{1,2})/(\d{1,2})/(\d{4})", ("month", "day", "year")),
    "MM-DD-YYYY": (r"(\d{1,2})-(\d{1,2})-(\d{4})", ("month", "day", "year")),
}
FORMATS = (*_NUMERIC, EXCEL)
# REDCap's datetime fields and many exports carry a time, which is not kept.
_TIME = re.compile(r"[ T]\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?$")
# Excel counts from 1900 and takes 1900 for a leap year: from March 1900 on day 0 is 30 December 1899.
_EXCEL_ZERO = date(1899, 12, 30)
_EXCEL_LAST = 73415  # 31 December 2100


class CalendarRefused(Exception):
    """The cell is no date of the format; the text says what one is."""


def read_date(cell: object, date_format: str = ISO) -> date:
    """The day of a cell; a spreadsheet's own date counts whatever the format. Raises CalendarRefused."""
    found = cell.date() if isinstance(cell, datetime) else cell if isinstance(cell, date) else None
    if found is None:
        found = _excel(cell) if date_format == EXCEL else _written(str(cell).strip(), date_format or ISO)
    if found.year < EARLIEST_YEAR:
        raise CalendarRefused(f"lies before {EARLIEST_YEAR}")
    return found


def _written(words: str, date_format: str) -> date:
    pattern, order = _NUMERIC[date_format]
    match = re.fullmatch(pattern, _TIME.sub("", words))
    if match is None:
        raise CalendarRefused(f"is not a date as {date_format}")
    parts = dict(zip(order, map(int, match.groups()), strict=True))
    try:
        return date(**parts)
    except ValueError:
        raise CalendarRefused(f"is not a day of the calendar (as {date_format})") from None


def _excel(cell: object) -> date:
    try:
        number = float(str(cell))
    except ValueError:
        raise CalendarRefused("is not a serial number of a spreadsheet's date, such as 43891") from None
    if not 61 <= number <= _EXCEL_LAST:
        raise CalendarRefused("is not a serial number of a spreadsheet's date, such as 43891")
    return _EXCEL_ZERO + timedelta(days=int(number))


def possible_formats(cells: Iterable[object]) -> list[str]:
    """The formats under which most cells are days, each at least half of them: a few may be mistakes of the table.

    Two formats are left where no cell tells day from month; none where the cells are no dates.
    """
    counts = Counter(cells)
    written = [(cell, n) for cell, n in counts.most_common(LOOKED_AT) if not isinstance(cell, date)]
    if not written:
        return list(FORMATS) if counts else []
    fits = {name: sum(n for cell, n in written if _is_date(cell, name)) for name in FORMATS}
    most = max(fits.values())
    return [name for name, n in fits.items() if n == most] if 2 * most >= sum(n for _, n in written) else []


def _is_date(cell: object, date_format: str) -> bool:
    try:
        read_date(cell, date_format)
    except CalendarRefused:
        return False
    return True
