"""A hospital's clinical table (CSV by hospital number) → rows under pseudonyms with shifted dates, or its cell errors.

No message holds a value of the table: a value can be a name, a hospital number or a true date, and messages are kept.
"""

import csv
import io
from dataclasses import dataclass, field
from datetime import date

from worker.compute.clinical_cells import PARSERS, CellRefused
from worker.compute.deidentify.pseudonyms import Pseudonymiser, normalise_patient_id
from worker.compute.errors import ComputeError
from worker.compute.phantoms.clinical import CLINICAL_COLUMNS

KEY_COLUMN = "hospital_number"
COLUMN_NAMES = tuple(column.name for column in CLINICAL_COLUMNS)
DATE_COLUMNS = ("first_admission_date", "pet_date", "biopsy_date")
IHC_COLUMNS = {
    "p53_percent_stained": "percent_stained",
    "p53_intensity": "intensity",
    "p53_pattern": "pattern",
    "p53_internal_control": "internal_control_present",
}
SHOWN_PROBLEMS = 20
# A hospital number shorter than this occurs in ordinary words and numbers by chance.
SHORTEST_TELLING_NUMBER = 4


@dataclass(frozen=True, kw_only=True)
class ClinicalRow:
    """One patient: what the table says, empty cells left out. Dates are shifted; nothing identifies the person."""

    pseudonym: str
    clinical: dict[str, object]
    ihc: dict[str, object] = field(default_factory=dict)
    centre: str = ""


class TableRefused(ComputeError):
    """Cells that cannot be accepted, each by row and column; ``problems`` has them all, the message the first ones."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = problems
        more = len(problems) - SHOWN_PROBLEMS
        shown = "; ".join(problems[:SHOWN_PROBLEMS]) + (f"; and {more} more" if more > 0 else "")
        super().__init__(f"Nothing was imported. Correct these cells and send the table again: {shown}.")


def read_clinical_table(content: bytes, secret: bytes | str, *, today: date | None = None) -> list[ClinicalRow]:
    """All rows of the table, in its order. Row numbers are those of a spreadsheet: the header is row 1.

    Raises ComputeError for a file that is no such table, TableRefused where any cell cannot be accepted.
    """
    header, lines = _read_csv(content)
    pseudonymiser = Pseudonymiser(secret)
    numbers = _hospital_numbers(header, lines)
    rows, problems = [], []
    for row_number, cells in lines:
        values, refused = _parse_row(header, cells, today or date.today())
        refused += _check_identity(row_number, values, numbers)
        problems += [f"row {row_number}, column {column}: {reason}" for column, reason in refused]
        if not refused:
            rows.append(_pseudonymise(values, pseudonymiser))
    if problems:
        raise TableRefused(problems)
    return rows


def _read_csv(content: bytes) -> tuple[list[str], list[tuple[int, list[str]]]]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ComputeError("The table is not UTF-8 text: save it as “CSV UTF-8” and send it again.") from error
    first_line = text.partition("\n")[0]
    delimiter = max(",;\t", key=first_line.count)
    try:
        lines = list(enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True), start=1))
    except csv.Error as error:
        raise ComputeError("The table is not valid CSV (a quote is left open): save it again as CSV.") from error
    filled = [(number, cells) for number, cells in lines if any(cell.strip() for cell in cells)]
    if not filled:
        raise ComputeError("The table is empty: send a CSV with a header and one row per patient.")
    header = [cell.strip() for cell in filled[0][1]]
    _check_header(header)
    if len(filled) == 1:
        raise ComputeError("The table has a header but no patient: add one row per patient.")
    return header, filled[1:]


def _check_header(header: list[str]) -> None:
    if KEY_COLUMN not in header:
        raise ComputeError(f"The table has no column {KEY_COLUMN}: its first row must name the columns.")
    unknown = [str(place) for place, name in enumerate(header, start=1) if name not in COLUMN_NAMES]
    if unknown:
        raise ComputeError(
            f"The header of column {', '.join(unknown)} is not one that PETRA knows. "
            f"The columns are {', '.join(COLUMN_NAMES)}."
        )
    twice = sorted({name for name in header if header.count(name) > 1})
    if twice:
        raise ComputeError(f"The table has the column {', '.join(twice)} twice: keep one.")


def _hospital_numbers(header: list[str], lines: list[tuple[int, list[str]]]) -> dict[str, int]:
    """Every hospital number of the table with the row that it stands in first."""
    place, found = header.index(KEY_COLUMN), {}
    for row_number, cells in lines:
        if len(cells) > place and cells[place].strip():
            found.setdefault(normalise_patient_id(cells[place]), row_number)
    return found


def _parse_row(header: list[str], cells: list[str], today: date) -> tuple[dict, list[tuple[str, str]]]:
    if len(cells) != len(header):
        return {}, [(KEY_COLUMN, f"the row has {len(cells)} cells, the header has {len(header)}")]
    values, refused = {}, []
    for name, cell in zip(header, cells, strict=True):
        try:
            value = PARSERS[name](cell.strip())
            if name in DATE_COLUMNS and value and value > today:
                raise CellRefused("lies in the future")
        except CellRefused as refusal:
            refused.append((name, str(refusal)))
            continue
        if value is not None:
            values[name] = value
    return values, refused or _contradictions(values)


def _contradictions(values: dict) -> list[tuple[str, str]]:
    found = []
    if KEY_COLUMN not in values:
        found.append((KEY_COLUMN, "is empty; every row needs one"))
    details = [name for name in IHC_COLUMNS if name in values and name != "p53_percent_stained"]
    if details and "p53_percent_stained" not in values:
        found.append(("p53_percent_stained", f"is empty although {details[0]} is given"))
    if values.get("p53_pattern") == "null" and values.get("p53_internal_control") is not True:
        found.append(("p53_internal_control", "must be 1 for the pattern null; otherwise the stain may have failed"))
    return found


def _check_identity(row_number: int, values: dict, numbers: dict[str, int]) -> list[tuple[str, str]]:
    number = values.get(KEY_COLUMN)
    if number is None:
        return []
    found = []
    if numbers[number] != row_number:
        found.append((KEY_COLUMN, f"the same patient as in row {numbers[number]}; keep one row per patient"))
    for name in ("histotype", "figo_edition", "centre"):
        text = str(values.get(name, ""))
        if any(len(known) >= SHORTEST_TELLING_NUMBER and known.lower() in text.lower() for known in numbers):
            found.append((name, "contains a hospital number"))
    return found


def _pseudonymise(values: dict, pseudonymiser: Pseudonymiser) -> ClinicalRow:
    number = values[KEY_COLUMN]
    dates = {name: pseudonymiser.shift_date(values[name], number) for name in DATE_COLUMNS if name in values}
    kept = {name: value for name, value in values.items() if name not in (KEY_COLUMN, "centre", *IHC_COLUMNS)}
    return ClinicalRow(
        pseudonym=pseudonymiser.pseudonym(number),
        clinical={**kept, **dates},
        ihc={field_name: values[name] for name, field_name in IHC_COLUMNS.items() if name in values},
        centre=values.get("centre", ""),
    )
