"""What a table's columns mean: fields, units, date formats and codes, as data that a cohort remembers under a name."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from worker.compute.clinical.cells import accepts
from worker.compute.clinical.dates import FORMATS, ISO
from worker.compute.clinical.fields import (
    BY_NAME,
    CANCERS,
    CODED,
    EDITIONS,
    KEY,
    SAME_PATIENT,
    Kind,
)
from worker.compute.clinical.grid import DELIMITERS, ENCODINGS
from worker.compute.errors import ComputeError

LEAVE_EMPTY = ""
"""The meaning of a code that says that nothing is known."""


@dataclass(frozen=True, kw_only=True)
class ColumnMapping:
    """One column of the table. ``codes`` are words of the table, in lower case, and what each stands for.

    ``checkbox`` names the HPV type that REDCap's column ``hpv___16`` ticks.
    """

    header: str
    field: str
    unit: str = ""
    date_format: str = ""
    codes: dict[str, str] = field(default_factory=dict)
    checkbox: str = ""


@dataclass(frozen=True, kw_only=True)
class Mapping:
    """All columns that are read; every other one is passed over. ``editions`` is the FIGO edition by cancer type
    where the table has none; ``missing`` are words that mean an empty cell; ``merge_rows`` joins the rows of a patient.
    """

    columns: tuple[ColumnMapping, ...]
    encoding: str = ""
    delimiter: str = ""
    decimal: str = "."
    merge_rows: bool = False
    missing: tuple[str, ...] = ()
    editions: dict[str, str] = field(default_factory=dict)
    name: str = ""

    def to_json(self) -> dict[str, Any]:
        return {**asdict(self), "columns": [asdict(column) for column in self.columns], "missing": list(self.missing)}

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> "Mapping":
        """Raises ComputeError, in a sentence, for whatever no mapping can be."""
        try:
            columns = tuple(ColumnMapping(**column) for column in values.get("columns", []))
            mapping = cls(**{**values, "columns": columns, "missing": tuple(values.get("missing", ()))})
        except TypeError as error:
            raise ComputeError("The mapping has parts that are not known: make it in the browser.") from error
        mapping.check()
        return mapping

    def check(self) -> None:
        """Raises ComputeError where the mapping contradicts itself or names what is not known."""
        problem = next(_problems(self), "")
        if problem:
            raise ComputeError(problem)

    def column_of(self, field_name: str) -> ColumnMapping | None:
        return next((column for column in self.columns if column.field == field_name), None)


def canonical_mapping(header: Sequence[str]) -> Mapping:
    """The mapping of a table that has PETRA's own columns. Raises ComputeError where it has others.

    An unknown header is named by its place alone: a table without a header has a patient there.
    """
    if KEY not in header:
        raise ComputeError(f"The table has no column {KEY}: its first row must name the columns, or give a mapping.")
    unknown = [str(place) for place, name in enumerate(header, start=1) if name not in BY_NAME]
    if unknown:
        raise ComputeError(
            f"The header of column {', '.join(unknown)} is not one that PETRA knows: map the columns in the browser. "
            f"The columns are {', '.join(BY_NAME)}."
        )
    twice = sorted({name for name in header if header.count(name) > 1})
    if twice:
        raise ComputeError(f"The table has the column {', '.join(twice)} twice: keep one.")
    return Mapping(columns=tuple(_canonical(name) for name in header))


def _canonical(name: str) -> ColumnMapping:
    date_format = ISO if BY_NAME[name].kind == Kind.DATE else ""
    return ColumnMapping(header=name, field=name, date_format=date_format)


def _problems(mapping: Mapping):
    columns = mapping.columns
    fields = [column.field for column in columns if not column.checkbox]
    if fields.count(KEY) != 1:
        yield "Choose the one column that holds the hospital number (the PatientID of the DICOM headers)."
    headers = [column.header for column in columns]
    if len(set(headers)) < len(headers):
        yield "Each column of the table can be mapped once."
    twice = sorted({name for name in fields if fields.count(name) > 1})
    if twice:
        yield f"{', '.join(twice)} is chosen for more than one column: choose one."
    if mapping.encoding not in ("", *ENCODINGS) or mapping.delimiter not in ("", *DELIMITERS):
        yield "The mapping names an encoding or a delimiter that is not known."
    if mapping.decimal not in (".", ","):
        yield "The decimal mark is a point or a comma."
    if any(cancer not in CANCERS or year not in EDITIONS for cancer, year in mapping.editions.items()):
        yield "A FIGO edition of the mapping is not known."
    for column in columns:
        yield from _column_problems(column)


def _column_problems(column: ColumnMapping):
    if column.field == SAME_PATIENT:
        return
    item = BY_NAME.get(column.field)
    if item is None:
        yield f"There is no field {column.field}."
        return
    if column.unit and column.unit != item.unit and column.unit not in item.units:
        yield f"{column.field} cannot be given in {column.unit}."
    if item.kind == Kind.DATE and column.date_format not in FORMATS:
        yield f"Choose how the dates of {column.field} are written."
    if column.checkbox and item.kind != Kind.GENOTYPES:
        yield f"{column.field} is no list of HPV types: it cannot be ticked."
    if column.codes and item.kind not in CODED:
        yield f"{column.field} has no codes."
    wrong = [meaning for meaning in column.codes.values() if meaning and not accepts(column.field, meaning)]
    if wrong:
        yield f"A code of {column.field} stands for something that is not accepted."
