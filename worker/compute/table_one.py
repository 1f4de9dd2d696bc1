"""Table 1 for any cohort: each variable by group, with the test that it asks for (paper section 3.1)."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from worker.compute.errors import UnreadableInput
from worker.compute.statistics import associate, compare_groups

MOST_CATEGORIES = 6
"""A column of whole numbers with at most this many values (a stage, a grade) is counted, not averaged."""

MISSING_WORDS = ("", "nan", "None", "<NA>")


@dataclass(frozen=True, kw_only=True)
class TableOneRow:
    """One line: ``cells`` has a text per group and the last one for all. ``p`` stands on a variable's first line."""

    variable: str
    level: str
    cells: tuple[str, ...]
    missing: int
    test: str = ""
    p: float | None = None
    reason: str | None = None


@dataclass(frozen=True, kw_only=True)
class TableOne:
    """``groups`` and their sizes, "all" last; rows in the order of the variables."""

    groups: tuple[str, ...]
    sizes: tuple[int, ...]
    rows: tuple[TableOneRow, ...]

    def to_json(self) -> dict:
        return {
            "groups": list(self.groups),
            "sizes": list(self.sizes),
            "rows": [{**row.__dict__, "cells": list(row.cells)} for row in self.rows],
        }


def table_one(frame: pd.DataFrame, group: str, *, variables: Sequence[str] | None = None, seed: int = 0) -> TableOne:
    """Numbers as median (first, third quartile), categories as n (%), by the values of the column ``group``.

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
    parts = [groups == name for name in names] + [groups.notna()]
    rows: list[TableOneRow] = []
    for variable in variables or [column for column in frame.columns if column != group]:
        column = known[variable]
        make = _number_rows if is_number(column) else _category_rows
        rows += make(variable, column, groups, parts, seed)
    sizes = tuple(int(part.sum()) for part in parts)
    return TableOne(groups=(*names, "all"), sizes=sizes, rows=tuple(rows))


def is_number(column: pd.Series) -> bool:
    """Whether a column is measured (age) and not counted (a grade written as 1, 2, 3)."""
    values = pd.to_numeric(column[_written(column)], errors="coerce")
    whole = bool(np.all(values.dropna() % 1 == 0))
    return bool(len(values)) and bool(values.notna().all()) and not (whole and values.nunique() <= MOST_CATEGORIES)


def _written(column: pd.Series) -> pd.Series:
    return column.notna() & ~column.astype(str).str.strip().isin(MISSING_WORDS)


def _number_rows(
    variable: str, column: pd.Series, groups: pd.Series, parts: list[pd.Series], seed: int
) -> list[TableOneRow]:
    values = pd.to_numeric(column, errors="coerce")
    found = compare_groups(values.to_numpy(dtype=float), list(groups))
    cells = tuple(_median(values[part]) for part in parts)
    missing = int(values.isna().sum())
    return [
        TableOneRow(
            variable=variable,
            level="median (IQR)",
            cells=cells,
            missing=missing,
            test=found.test,
            p=found.p,
            reason=found.reason,
        )
    ]


def _median(values: pd.Series) -> str:
    if not values.notna().any():
        return "–"
    low, middle, high = values.quantile([0.25, 0.5, 0.75])
    return f"{_short(middle)} ({_short(low)}, {_short(high)})"


def _short(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")


def _category_rows(
    variable: str, column: pd.Series, groups: pd.Series, parts: list[pd.Series], seed: int
) -> list[TableOneRow]:
    written = _written(column)
    words = column.astype(str).str.strip().str.replace(r"^(\d+)\.0$", r"\1", regex=True)
    found = associate(list(words.where(written, "")), list(groups), seed=seed)
    rows = []
    for i, level in enumerate(sorted(set(words[written]))):
        cells = tuple(
            _count(int((words[part & written] == level).sum()), int((part & written).sum())) for part in parts
        )
        first = {"test": found.test, "p": found.p, "reason": found.reason} if i == 0 else {}
        rows.append(TableOneRow(variable=variable, level=level, cells=cells, missing=int((~written).sum()), **first))
    return rows


def _count(n: int, of: int) -> str:
    return f"{n} ({100 * n / of:.0f}%)" if of else "–"
