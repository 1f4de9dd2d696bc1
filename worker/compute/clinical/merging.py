"""One row per patient: doubled patients are refused, or the rows of REDCap's events are joined where they agree."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from worker.compute.clinical.fields import KEY, SAME_PATIENT
from worker.compute.clinical.mapping import Mapping

ParsedRow = tuple[int, dict, list[tuple[str, str]]]
PlacedProblem = tuple[int, str, str]


@dataclass
class MergedRow:
    """The values of a patient and the row in which each stands."""

    row_number: int
    values: dict
    rows: dict[str, int] = field(default_factory=dict)
    is_refused: bool = False


def merge_rows(parsed: Iterable[ParsedRow], mapping: Mapping) -> tuple[list[MergedRow], list[PlacedProblem]]:
    """(patients in the table's order, problems as (row, field, reason))."""
    merged: list[MergedRow] = []
    problems: list[PlacedProblem] = []
    by_name: dict[tuple[str, str], MergedRow] = {}
    for row_number, values, refused in parsed:
        problems += [(row_number, name, reason) for name, reason in refused]
        names = [(name, str(values[name])) for name in (SAME_PATIENT, KEY) if name in values]
        earlier = next((by_name[name] for name in names if name in by_name), None)
        if earlier is None:
            row = MergedRow(row_number=row_number, values=values, rows=dict.fromkeys(values, row_number))
            merged.append(row)
        elif mapping.merge_rows:
            row = earlier
            problems += _join(earlier, values, row_number)
        else:
            row = earlier
            reason = f"the same patient as in row {earlier.row_number}; keep one row per patient"
            problems.append((row_number, KEY, reason))
        row.is_refused = row.is_refused or bool(refused)
        by_name.update(dict.fromkeys(names, row))
    return merged, problems


def _join(earlier: MergedRow, values: dict, row_number: int) -> list[PlacedProblem]:
    """Adds the values that are new; one that differs is a problem, because neither is known to be right."""
    found = []
    for name, value in values.items():
        if name not in earlier.values:
            earlier.values[name], earlier.rows[name] = value, row_number
        elif earlier.values[name] != value:
            reason = f"differs from row {earlier.rows[name]}, which is of the same patient; keep one value"
            found.append((row_number, name, reason))
    return found
