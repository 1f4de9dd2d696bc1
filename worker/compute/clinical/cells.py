"""One cell of the clinical table as a typed value; a refusal says what is accepted and never repeats the cell."""

import re
from collections.abc import Callable
from datetime import date, datetime
from math import isfinite

from worker.compute.clinical.dates import CalendarRefused, read_date
from worker.compute.clinical.fields import BY_NAME, Field, Kind
from worker.compute.clinical.stages import read_stage, read_tnm
from worker.compute.deidentify.pseudonyms import normalise_patient_id
from worker.compute.errors import ComputeError

Cell = str | float | int | bool | datetime | date
"""What a file holds: CSV has text alone, a spreadsheet also numbers, flags and dates."""

TRUE_WORDS = {"1", "yes", "true"}
FALSE_WORDS = {"0", "no", "false"}
# Enough for histotypes and centres; an address, a line break or a formula of a spreadsheet is not.
FREE_WORDS = re.compile(r"[^\W_][\w .,()/+–-]*")
SPREADSHEET_ERRORS = ("#REF!", "#DIV/0!", "#N/A", "#NAME?", "#VALUE!", "#NUM!", "#NULL!")
# From here on a spreadsheet's number has lost digits, and another patient may have the number that is left.
LARGEST_EXACT = 10**15
# IARC's types of HPV in gynaecological cancers, with the low-risk types that assays report.
HPV_TYPES = frozenset(
    {6, 11, 16, 18, 26, 31, 33, 35, 39, 40, 42, 43, 44, 45, 51, 52, 53, 54, 56, 58, 59, 61, 66, 67, 68, 69, 70, 72, 73,
     81, 82}
)  # fmt: skip


class CellRefused(Exception):
    """The cell cannot be accepted; the text goes on from “row 7, column figo_stage: …”."""


def text_of(cell: Cell) -> str:
    """The cell as a person reads it: a spreadsheet's 4711.0 is 4711, its TRUE is 1, its dates are ISO dates."""
    if isinstance(cell, bool):
        return "1" if cell else "0"
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < LARGEST_EXACT:
        return str(int(cell))
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    return str(cell).strip()


def read_cell(
    item: Field, cell: Cell, *, unit: str = "", date_format: str = "", decimal: str = ".", today: date
) -> object:
    """The value of a cell that is neither empty nor a code, in the field's own unit. Raises CellRefused."""
    if isinstance(cell, str) and cell.strip().upper() in SPREADSHEET_ERRORS:
        raise CellRefused(
            "holds an error of the spreadsheet or a formula without its result: correct it and save again"
        )
    if item.kind == Kind.DATE:
        return _date(cell, date_format, today)
    if isinstance(cell, datetime | date):
        raise CellRefused("holds a date: format the column as text or number")
    if item.kind == Kind.NUMBER:
        return _number(item, cell, unit, decimal)
    if item.kind == Kind.KEY:
        return _hospital_number(cell)
    return _READERS[item.kind](item, text_of(cell))


def _number(item: Field, cell: Cell, unit: str, decimal: str) -> float:
    words = text_of(cell)
    plain = words.replace(",", ".") if decimal == "," and isinstance(cell, str) and "." not in words else words
    mark = "comma" if decimal == "," else "point"
    if isinstance(cell, bool) or not re.fullmatch(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", plain):
        raise CellRefused(f"is not a number with a decimal {mark} ({unit or item.unit})")
    value = float(plain) * (item.units[unit] if unit and unit != item.unit else 1.0)
    if not isfinite(value) or not item.minimum <= value <= item.maximum:
        raise CellRefused(f"must lie between {_range(item, unit)}")
    return float(f"{value:.6g}") if unit and unit != item.unit else value


def _range(item: Field, unit: str) -> str:
    """The limits in the unit of the table."""
    factor = item.units.get(unit, 1.0)
    return f"{item.minimum / factor:.4g} and {item.maximum / factor:.4g} {unit or item.unit}"


def _date(cell: Cell, date_format: str, today: date) -> date:
    try:
        value = read_date(cell, date_format)
    except CalendarRefused as refusal:
        raise CellRefused(str(refusal)) from None
    if value > today:
        raise CellRefused("lies in the future")
    return value


def _hospital_number(cell: Cell) -> str:
    words = text_of(cell)
    if len(words) > 64:
        raise CellRefused("is longer than 64 characters")
    too_large = isinstance(cell, int | float) and abs(cell) >= LARGEST_EXACT
    if too_large or re.fullmatch(r"\d(?:[.,]\d+)?[eE]\+?\d+", words):
        raise CellRefused("was shortened by a spreadsheet (as 1.2E+09): format the column as text")
    if isinstance(cell, float) and not cell.is_integer():
        raise CellRefused("is a number with decimals: format the column as text")
    try:
        return normalise_patient_id(words)
    except ComputeError:
        raise CellRefused("is empty; every row needs one") from None


def _choice(item: Field, words: str) -> str:
    by_lower = {word.lower(): word for word in item.words}
    if words.lower() not in by_lower:
        raise CellRefused(f"is none of {', '.join(item.words)}")
    return by_lower[words.lower()]


def _flag(item: Field, words: str) -> bool:
    if words.lower() in TRUE_WORDS:
        return True
    if words.lower() in FALSE_WORDS:
        return False
    raise CellRefused("must be 1 (yes) or 0 (no)")


def _text(item: Field, words: str) -> str:
    if len(words) > item.limit:
        raise CellRefused(f"is longer than {item.limit} characters")
    if not FREE_WORDS.fullmatch(words):
        raise CellRefused("may hold only letters, digits, spaces and . , ( ) / + -, and starts with a letter or digit")
    return words


def _stage(item: Field, words: str) -> str:
    stage = read_stage(words)
    if stage is None:
        raise CellRefused("is no FIGO stage: I, II, III or IV with its letters (as IIIC1), or indeterminate")
    return stage


def _tnm(item: Field, words: str) -> str:
    letter = item.name[-1].upper()
    found = read_tnm(letter, words)
    if found is None:
        accepted = {"T": "pT1b2, Tis, TX", "N": "pN1mi, N0, NX", "M": "M0, M1a, MX"}[letter]
        raise CellRefused(f"is no {letter} category of TNM, such as {accepted}")
    return found


def _genotypes(item: Field, words: str) -> str:
    numbers = re.split(r"[\s,;/+]+", re.sub(r"(?i)hpv[\s-]*", "", words).strip(" ,;/+"))
    if not all(number.isdecimal() and int(number) in HPV_TYPES for number in numbers):
        raise CellRefused("holds something else than numbers of HPV types, such as 16, 18")
    return ",".join(str(number) for number in sorted({int(number) for number in numbers}))


_READERS: dict[Kind, Callable[[Field, str], object]] = {
    Kind.CHOICE: _choice,
    Kind.FLAG: _flag,
    Kind.TEXT: _text,
    Kind.STAGE: _stage,
    Kind.TNM: _tnm,
    Kind.GENOTYPES: _genotypes,
}


def word_of(item: Field, word: str) -> str:
    """The field's own word for a word of the table; empty where it is not accepted as it is."""
    try:
        value = _READERS[item.kind](item, word)
    except CellRefused:
        return ""
    return str(int(value)) if isinstance(value, bool) else str(value)


def accepts(field_name: str, word: str) -> bool:
    """Whether a field that is no number, date or hospital number takes this word as it is."""
    return bool(word_of(BY_NAME[field_name], word))
