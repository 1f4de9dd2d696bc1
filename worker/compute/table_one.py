"""Table 1 for any cohort: each variable by group, with the test that it asks for (paper section 3.1)."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from worker.compute.errors import UnreadableInput
from worker.compute.standardised import difference_of_categories, difference_of_numbers, largest_difference
from worker.compute.statistics import associate, compare_groups, looks_normal

MOST_CATEGORIES = 6
"""A column of whole numbers with at most this many values (a stage, a grade) is counted, not averaged."""

MISSING_WORDS = ("", "nan", "None", "<NA>")


@dataclass(frozen=True, kw_only=True)
class TableOneRow:
    """One line: ``cells`` has a text per group and the last one for all. ``p`` stands on a variable's first line.

    ``n`` counts the values behind each cell's percentage or average. ``difference`` is the standardised difference:
    with more than two groups the largest between any two, ``between``.
    """

    variable: str
    level: str
    cells: tuple[str, ...]
    n: tuple[int, ...]
    missing: int
    test: str = ""
    p: float | None = None
    reason: str | None = None
    difference: float | None = None
    between: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class TableOne:
    """``groups`` and their sizes, "all" last; rows in the order of the variables; ``ungrouped`` are left out."""

    groups: tuple[str, ...]
    sizes: tuple[int, ...]
    rows: tuple[TableOneRow, ...]
    ungrouped: int = 0

    def to_json(self) -> dict:
        rows = [
            {**row.__dict__, "cells": list(row.cells), "n": list(row.n), "between": list(row.between)}
            for row in self.rows
        ]
        return {
            "groups": list(self.groups),
            "sizes": list(self.sizes),
            "rows": rows,
            "ungrouped": self.ungrouped,
        }


def table_one(frame: pd.DataFrame, group: str, *, variables: Sequence[str] | None = None, seed: int = 0) -> TableOne:
    """Numbers as mean (SD) where every group looks normal, else median (quartiles); categories as n (%); by ``group``.

    Percentages are of the patients with a value; missing ones are counted apart. Raises UnreadableInput when the frame
    has no such column.
    """
    if group not in frame.columns:
        raise UnreadableInput(
            f"There is no column {group!r} to group Table 1 by: choose one of {', '.join(frame.columns)}."
        )
    known = frame[_written(frame[group])]
    groups = known[group].astype(str)
    names = sorted(set(groups))
    parts = [groups == name for name in names]
    rows: list[TableOneRow] = []
    for variable in variables or [column for column in frame.columns if column != group]:
        column = known[variable]
        make = _number_rows if is_number(column) else _category_rows
        rows += make(variable, column, groups, names, parts, seed)
    sizes = (*(int(part.sum()) for part in parts), len(known))
    return TableOne(groups=(*names, "all"), sizes=sizes, rows=tuple(rows), ungrouped=len(frame) - len(known))


def is_number(column: pd.Series) -> bool:
    """Whether a column is measured (age) and not counted (a grade written as 1, 2, 3)."""
    values = pd.to_numeric(column[_written(column)], errors="coerce")
    whole = bool(np.all(values.dropna() % 1 == 0))
    return bool(len(values)) and bool(values.notna().all()) and not (whole and values.nunique() <= MOST_CATEGORIES)


def _written(column: pd.Series) -> pd.Series:
    return column.notna() & ~column.astype(str).str.strip().isin(MISSING_WORDS)


def _number_rows(
    variable: str, column: pd.Series, groups: pd.Series, names: list[str], parts: list[pd.Series], seed: int
) -> list[TableOneRow]:
    values = pd.to_numeric(column, errors="coerce")
    found = compare_groups(values.to_numpy(dtype=float), list(groups))
    known = [values[part].dropna().to_numpy(dtype=float) for part in parts]
    filled = [part for part in known if len(part)]
    is_normal = bool(filled) and looks_normal(filled)
    write = _mean if is_normal else _median
    difference, between = largest_difference(names, known, difference_of_numbers)
    return [
        TableOneRow(
            variable=variable,
            level="mean (SD)" if is_normal else "median (IQR)",
            cells=tuple(write(pd.Series(part)) for part in (*known, values.dropna())),
            n=(*(len(part) for part in known), int(values.notna().sum())),
            missing=int(values.isna().sum()),
            test=found.test,
            p=found.p,
            reason=found.reason,
            difference=difference,
            between=between,
        )
    ]


def _mean(values: pd.Series) -> str:
    if values.empty:
        return "–"
    deviation = f" ({_short(float(values.std(ddof=1)))})" if len(values) > 1 else ""
    return f"{_short(float(values.mean()))}{deviation}"


def _median(values: pd.Series) -> str:
    if values.empty:
        return "–"
    low, middle, high = values.quantile([0.25, 0.5, 0.75])
    return f"{_short(middle)} ({_short(low)}, {_short(high)})"


def _short(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")


def _category_rows(
    variable: str, column: pd.Series, groups: pd.Series, names: list[str], parts: list[pd.Series], seed: int
) -> list[TableOneRow]:
    written = _written(column)
    words = column.astype(str).str.strip().str.replace(r"^(\d+)\.0$", r"\1", regex=True)
    levels = sorted(set(words[written]))
    found = associate(list(words.where(written, "")), list(groups), seed=seed)
    counts = [[int((words[part & written] == level).sum()) for level in levels] for part in parts]
    totals = [sum(row) for row in counts]
    difference, between = largest_difference(names, counts, difference_of_categories)
    rows = []
    for i, level in enumerate(levels):
        mine = [row[i] for row in counts]
        cells = [_count(n, of) for n, of in zip((*mine, sum(mine)), (*totals, sum(totals)), strict=True)]
        first = {"test": found.test, "p": found.p, "reason": found.reason, "difference": difference, "between": between}
        rows.append(
            TableOneRow(
                variable=variable,
                level=level,
                cells=tuple(cells),
                n=(*totals, sum(totals)),
                missing=int((~written).sum()),
                **(first if i == 0 else {}),
            )
        )
    return rows


def _count(n: int, of: int) -> str:
    return f"{n} ({100 * n / of:.0f}%)" if of else "–"
