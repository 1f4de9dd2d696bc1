"""One cell of the clinical table as a typed value; a refusal says what is allowed and never repeats the cell."""

import re
from collections.abc import Callable
from datetime import date
from math import isfinite

from worker.compute.deidentify.pseudonyms import normalise_patient_id
from worker.compute.errors import ComputeError

TRUE_WORDS = {"1", "yes", "true"}
FALSE_WORDS = {"0", "no", "false"}
EARLIEST_YEAR = 1990
ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
# Enough for histotypes and editions; an address, a line break or a formula of a spreadsheet is not.
FREE_WORDS = re.compile(r"[^\W_][\w .,()/+–-]*")


class CellRefused(Exception):
    """The cell cannot be accepted; the text goes on from “row 7, column figo_stage: …”."""


Parser = Callable[[str], object]


def number(minimum: float, maximum: float, unit: str) -> Parser:
    """A finite number with a decimal point within limits (inclusive)."""

    def parse(cell: str) -> float | None:
        if not cell:
            return None
        try:
            value = float(cell)
        except ValueError:
            raise CellRefused(f"is not a number with a decimal point ({unit})") from None
        if not isfinite(value) or not minimum <= value <= maximum:
            raise CellRefused(f"must lie between {minimum:g} and {maximum:g} {unit}")
        return value

    return parse


def choice(*words: str) -> Parser:
    """One of the words, whatever its case; the answer has the case of the list."""
    by_lower = {word.lower(): word for word in words}

    def parse(cell: str) -> str | None:
        if not cell:
            return None
        if cell.lower() not in by_lower:
            raise CellRefused(f"is none of {', '.join(words)}")
        return by_lower[cell.lower()]

    return parse


def text(limit: int) -> Parser:
    """Words up to a length; e-mail addresses, line breaks and the like are refused."""

    def parse(cell: str) -> str | None:
        if not cell:
            return None
        if len(cell) > limit:
            raise CellRefused(f"is longer than {limit} characters")
        if not FREE_WORDS.fullmatch(cell):
            raise CellRefused("may hold only letters, digits, spaces and . , ( ) / + -")
        return cell

    return parse


def flag(cell: str) -> bool | None:
    """1 or 0, also yes/no and true/false."""
    if not cell:
        return None
    if cell.lower() in TRUE_WORDS:
        return True
    if cell.lower() in FALSE_WORDS:
        return False
    raise CellRefused("must be 1 (yes) or 0 (no)")


def iso_date(cell: str) -> date | None:
    """YYYY-MM-DD and nothing else: 03/04/2021 is two different days."""
    if not cell:
        return None
    if not ISO_DATE.fullmatch(cell):
        raise CellRefused("is not a date as YYYY-MM-DD")
    try:
        value = date.fromisoformat(cell)
    except ValueError:
        raise CellRefused("is not a day of the calendar") from None
    if value.year < EARLIEST_YEAR:
        raise CellRefused(f"lies before {EARLIEST_YEAR}")
    return value


def hospital_number(cell: str) -> str | None:
    """The number as the pseudonym is made from it; a spreadsheet's 1.2E+09 has lost its last digits."""
    if not cell:
        return None
    if len(cell) > 64:
        raise CellRefused("is longer than 64 characters")
    if re.fullmatch(r"\d(?:\.\d+)?[eE]\+\d+", cell):
        raise CellRefused("was shortened by a spreadsheet (as 1.2E+09): format the column as text")
    try:
        return normalise_patient_id(cell)
    except ComputeError:
        raise CellRefused("is empty; every row needs one") from None


PARSERS: dict[str, Parser] = {
    "hospital_number": hospital_number,
    "cancer_type": choice("endometrial", "ovarian", "cervical"),
    "age_years": number(0, 120, "years"),
    "bmi_kg_m2": number(8, 100, "kg/m²"),
    "height_cm": number(50, 250, "cm"),
    "weight_kg": number(20, 400, "kg"),
    "figo_stage": choice("I", "II", "III", "IV", "indeterminate"),
    "figo_edition": text(20),
    "lymph_node_metastasis": flag,
    "grade": choice("well", "moderate", "poor"),
    "histotype": text(80),
    "hpv_status": choice("positive", "negative", "not_tested"),
    "p53_percent_stained": number(0, 100, "%"),
    "p53_intensity": choice("none", "weak", "moderate", "strong"),
    "p53_pattern": choice("wild_type", "overexpression", "null", "cytoplasmic", "subclonal"),
    "p53_internal_control": flag,
    "first_admission_date": iso_date,
    "pet_date": iso_date,
    "biopsy_date": iso_date,
    "biopsy_confirmed": flag,
    "treated_before_pet": flag,
    "developmental_abnormality": flag,
    "gynaecological_history": flag,
    "other_tumour_history": flag,
    "secondary_tumour": flag,
    "fasting_hours": number(0, 72, "h"),
    "glucose_mmol_l": number(1, 40, "mmol/L"),
    "centre": text(60),
}
