"""A hospital's clinical table → rows under pseudonyms with shifted dates, and every cell that cannot be accepted.

No message holds a value of the table: a value can be a name, a hospital number or a true date, and messages are kept.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from worker.compute.clinical.cells import Cell, CellRefused, accepts, read_cell, text_of
from worker.compute.clinical.fields import BY_NAME, CODED, DATE_FIELDS, KEY, SAME_PATIENT, Field, Kind
from worker.compute.clinical.grid import Grid, column_letter, is_empty, read_grid, require_patients
from worker.compute.clinical.mapping import ColumnMapping, Mapping, canonical_mapping
from worker.compute.clinical.merging import MergedRow, merge_rows
from worker.compute.clinical.problems import Problem, TableRefused
from worker.compute.deidentify.pseudonyms import Pseudonymiser
from worker.compute.errors import ComputeError

IHC_COLUMNS = {
    "p53_percent_stained": "percent_stained",
    "p53_intensity": "intensity",
    "p53_pattern": "pattern",
    "p53_internal_control": "internal_control_present",
}
# A hospital number shorter than this occurs in ordinary words and numbers by chance.
SHORTEST_TELLING_NUMBER = 4


@dataclass(frozen=True, kw_only=True)
class ClinicalRow:
    """One patient: what the table says, empty cells left out. Dates are shifted; nothing identifies the person.

    ``row_number`` is the first of the patient's rows in the table.
    """

    pseudonym: str
    clinical: dict[str, object]
    ihc: dict[str, object] = field(default_factory=dict)
    centre: str = ""
    row_number: int = 0


@dataclass(frozen=True, kw_only=True)
class ClinicalTable:
    """The rows that can be accepted and the cells that cannot; one problem, and nothing may be imported."""

    rows: list[ClinicalRow]
    problems: list[Problem]
    mapping: Mapping
    columns: "TableColumns"

    def problem(self, row_number: int, field_name: str, reason: str) -> Problem:
        """A problem that somebody else found in a row, under the table's own names."""
        return self.columns.problem(row_number, field_name, reason)


class TableColumns:
    """Where the mapped columns lie in one table."""

    def __init__(self, header: Sequence[str], mapping: Mapping) -> None:
        missing = [column.header for column in mapping.columns if column.header not in header]
        if missing:
            raise ComputeError(
                f"The table has not the column {', '.join(missing[:5])} of the mapping: send the table that it was "
                "made for, or map the columns again."
            )
        doubled = [column.header for column in mapping.columns if list(header).count(column.header) > 1]
        if doubled:
            raise ComputeError(f"The table has the column {doubled[0]} twice: rename one of them.")
        self.width = len(header)
        self.placed = [(list(header).index(column.header), column) for column in mapping.columns]

    def problem(self, row_number: int, field_name: str, reason: str) -> Problem:
        place, column = next(
            ((place, column) for place, column in self.placed if column.field == field_name), (None, None)
        )
        if column is None:
            return Problem(row=row_number, letter="", header="", field=field_name, reason=reason)
        return Problem(
            row=row_number, letter=column_letter(place), header=column.header, field=field_name, reason=reason
        )


def read_clinical_table(
    content: bytes, secret: bytes | str, *, mapping: Mapping | None = None, today: date | None = None
) -> list[ClinicalRow]:
    """All rows of the table, in its order. Row numbers are those of a spreadsheet: the header is row 1.

    Raises ComputeError for a file that is no such table, TableRefused where any cell cannot be accepted.
    """
    found = check_clinical_table(content, secret, mapping=mapping, today=today)
    if found.problems:
        raise TableRefused(found.problems)
    return found.rows


def check_clinical_table(
    content: bytes, secret: bytes | str, *, mapping: Mapping | None = None, today: date | None = None
) -> ClinicalTable:
    """Rows and problems of a delivery; without a mapping the columns must be PETRA's own."""
    grid = read_grid(
        content, encoding=mapping.encoding if mapping else "", delimiter=mapping.delimiter if mapping else ""
    )
    mapping = mapping or canonical_mapping(grid.header)
    columns = TableColumns(grid.header, mapping)
    require_patients(grid)
    merged, problems = merge_rows(_parsed(grid, columns, mapping, today or date.today()), mapping)
    telling = _telling_centres(merged)
    pseudonymiser = Pseudonymiser(secret)
    rows = []
    for row in merged:
        refused = [] if row.is_refused else [*_contradictions(row.values), *_telling(row.values, telling)]
        problems += [(row.row_number, name, reason) for name, reason in refused]
        if not refused and not row.is_refused:
            rows.append(_pseudonymise(row, pseudonymiser))
    placed = [columns.problem(*problem) for problem in sorted(problems, key=lambda problem: problem[0])]
    return ClinicalTable(rows=rows, problems=placed, mapping=mapping, columns=columns)


def _parsed(grid: Grid, columns: TableColumns, mapping: Mapping, today: date):
    """(row number, values, [(field, reason)]) of every row."""
    missing = frozenset(word.lower() for word in mapping.missing)
    for row_number, cells in grid.lines:
        if len(cells) != columns.width:
            reason = f"the row has {len(cells)} cells, the header has {columns.width}"
            yield row_number, {}, [(KEY, reason)]
            continue
        yield (row_number, *_parse_row(cells, columns, mapping, missing, today))


def _parse_row(
    cells: list[Cell], columns: TableColumns, mapping: Mapping, missing: frozenset[str], today: date
) -> tuple[dict, list[tuple[str, str]]]:
    values: dict[str, object] = {}
    refused: list[tuple[str, str]] = []
    for place, column in columns.placed:
        try:
            value = _value(cells[place], column, mapping, missing, today)
        except CellRefused as refusal:
            refused.append((column.field, str(refusal)))
            continue
        if value is None:
            continue
        if column.checkbox:
            value = ",".join(sorted({*str(values.get(column.field, "")).split(","), str(value)} - {""}, key=int))
        values[column.field] = value
    return _derived(values, mapping), refused


def _value(cell: Cell, column: ColumnMapping, mapping: Mapping, missing: frozenset[str], today: date) -> object:
    """The typed value; None where the cell is empty or says that nothing is known."""
    words = text_of(cell)
    if is_empty(words) or (words.lower() in missing and not _is_meant(words, column)):
        return None
    if column.field == SAME_PATIENT:
        return words
    item = BY_NAME[column.field]
    if column.checkbox:
        flag = Field(name=column.field, kind=Kind.FLAG)
        ticked = column.codes.get(words.lower(), {"checked": "1", "unchecked": "0"}.get(words.lower(), words))
        return column.checkbox if read_cell(flag, ticked, today=today) else None
    if words.lower() in column.codes:
        meaning = column.codes[words.lower()]
        return read_cell(item, meaning, today=today) if meaning else None
    try:
        return read_cell(
            item, cell, unit=column.unit, date_format=column.date_format, decimal=mapping.decimal, today=today
        )
    except CellRefused as refusal:
        # A code is no value: the header of a mapped column and the codes that it knows may be said.
        known = ", ".join(code for code, meaning in column.codes.items() if meaning)
        raise CellRefused(f"{refusal}; of the table's own codes: {known}" if known else str(refusal)) from None


def _is_meant(words: str, column: ColumnMapping) -> bool:
    """Whether a word for “not known” is one of the field's own here: the p53 pattern “null” is a finding."""
    if words.lower() in column.codes:
        return True
    return column.field in BY_NAME and BY_NAME[column.field].kind in CODED and accepts(column.field, words)


def _derived(values: dict, mapping: Mapping) -> dict:
    """What follows from the other cells: the edition of the cohort's cancer, HPV positive where a type was found."""
    if "figo_stage" in values and "figo_edition" not in values:
        edition = mapping.editions.get(str(values.get("cancer_type", "")), "")
        values = {**values, **({"figo_edition": edition} if edition else {})}
    if values.get("hpv_genotypes") and "hpv_status" not in values:
        values = {**values, "hpv_status": "positive"}
    return values


def _contradictions(values: dict) -> list[tuple[str, str]]:
    found = []
    if KEY not in values:
        found.append((KEY, "is empty; every row needs one"))
    details = [name for name in IHC_COLUMNS if name in values and name != "p53_percent_stained"]
    if details and "p53_percent_stained" not in values:
        found.append(("p53_percent_stained", f"is empty although {details[0]} is given"))
    if values.get("p53_pattern") == "null" and values.get("p53_internal_control") is not True:
        found.append(("p53_internal_control", "must be 1 for the pattern null; otherwise the stain may have failed"))
    return found


def _telling_centres(rows: list[MergedRow]) -> set[str]:
    """The centres that hold a hospital number; each of their names is looked through once."""
    numbers = {str(row.values.get(KEY, "")).lower() for row in rows}
    telling = {number for number in numbers if len(number) >= SHORTEST_TELLING_NUMBER}
    centres = {str(row.values["centre"]) for row in rows if "centre" in row.values}
    return {centre for centre in centres if any(number in centre.lower() for number in telling)}


def _telling(values: dict, telling: set[str]) -> list[tuple[str, str]]:
    return [("centre", "contains a hospital number")] if values.get("centre") in telling else []


def _pseudonymise(row: MergedRow, pseudonymiser: Pseudonymiser) -> ClinicalRow:
    values = row.values
    number = str(values[KEY])
    dates = {name: pseudonymiser.shift_date(values[name], number) for name in DATE_FIELDS if name in values}
    left_out = (KEY, SAME_PATIENT, "centre", *IHC_COLUMNS)
    kept = {name: value for name, value in values.items() if name not in left_out}
    return ClinicalRow(
        pseudonym=pseudonymiser.pseudonym(number),
        clinical={**kept, **dates},
        ihc={field_name: values[name] for name, field_name in IHC_COLUMNS.items() if name in values},
        centre=str(values.get("centre", "")),
        row_number=row.row_number,
    )
