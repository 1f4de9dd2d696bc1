"""Table 1 as pages and files show it: the stored table of a grouping, its variables chosen, in words."""

from dataclasses import dataclass, field
from typing import Any

from backend.cohorts.clinical_fields import BY_NAME
from backend.cohorts.models import CancerType, ClinicalRecord
from backend.dashboards.templatetags.results import p_value

GROUPINGS = {
    "cancer_type": "By cancer",
    "tp53": "By TP53 state",
    "dataset_side": "By training and test set",
    "centre": "By centre",
}
_TITLES = {"tp53": "TP53", "cancer_type": "Cancer", "centre": "Centre", "figo_edition": "FIGO edition"}
_GROUP_TITLES = {"training": "Training", "test": "Test", "all": "All"}
NOTE = (
    "Mean (standard deviation) where no group deviates from a normal distribution by Shapiro–Wilk, else median (first, "
    "third quartile); categories as n (% of the patients with a value). Two-sided tests, not corrected for their "
    "number. SMD is the standardised difference; with more than two groups the largest between any two."
)


@dataclass(frozen=True, kw_only=True)
class Line:
    """A line of the table; what a variable has once stands on its first line."""

    title: str
    level: str
    cells: list[str]
    n: str = ""
    missing: str = ""
    test: str = ""
    p: float | None = None
    reason: str = ""
    difference: float | None = None
    between: str = ""
    is_first: bool = True

    @property
    def p_text(self) -> str:
        return p_value(self.p) if self.is_first and (self.p is not None or self.reason) else ""

    @property
    def difference_text(self) -> str:
        return "" if self.difference is None else f"{self.difference:.3f}"


@dataclass(frozen=True, kw_only=True)
class ShownTable:
    """``variables`` are (name, title, is shown) of all that there are."""

    grouping: str
    groups: list[tuple[str, int]]
    lines: list[Line]
    variables: list[tuple[str, str, bool]] = field(default_factory=list)
    ungrouped: int = 0

    @property
    def columns(self) -> list[str]:
        heads = [f"{title} (n = {n})" for title, n in self.groups]
        return ["Variable", "Level", *heads, "With a value", "Missing", "SMD", "Test", "p"]

    def rows(self) -> list[list[str]]:
        """The cells of every line under ``columns``, as text."""
        return [
            [
                line.title if line.is_first else "",
                line.level,
                *line.cells,
                line.n,
                line.missing,
                line.difference_text,
                line.test,
                line.p_text,
            ]
            for line in self.lines
        ]


def shown_table(table: dict[str, Any], grouping: str, *, chosen: list[str]) -> ShownTable:
    """The stored table with the chosen variables; an unknown choice is passed over, and none chosen means all."""
    known = list(dict.fromkeys(row["variable"] for row in table["rows"]))
    wanted = [name for name in known if name in chosen] or known
    titles = [group_title(name, grouping) for name in table["groups"]]
    lines = []
    for name in wanted:
        found = [row for row in table["rows"] if row["variable"] == name]
        # What a variable has once was stored with the first level by the alphabet; the clinic counts in its own order.
        once = {key: value for key, value in found[0].items() if key not in ("level", "cells")}
        ordered = sorted(found, key=lambda row: _place(row["variable"], row["level"]))
        lines += [
            _line({**row, **(once if is_first else {})}, grouping, is_first=is_first)
            for is_first, row in zip((True, *[False] * len(ordered)), ordered, strict=False)
        ]
    return ShownTable(
        grouping=grouping,
        groups=list(zip(titles, table["sizes"], strict=True)),
        lines=lines,
        variables=[(name, variable_title(name), name in wanted) for name in known],
        ungrouped=table.get("ungrouped", 0),
    )


def _line(row: dict[str, Any], grouping: str, *, is_first: bool) -> Line:
    level = row["level"] if "(" in row["level"] else level_title(row["variable"], row["level"])
    cells = list(row["cells"])
    if not is_first:
        return Line(title=variable_title(row["variable"]), level=level, cells=cells, is_first=False)
    between = [group_title(name, grouping) for name in row.get("between", ())]
    return Line(
        title=variable_title(row["variable"]),
        level=level,
        cells=cells,
        n=str(row["n"][-1]) if row.get("n") else "",
        missing=str(row["missing"]),
        test=row["test"],
        p=row["p"],
        reason=row["reason"] or "",
        difference=row.get("difference"),
        between=" and ".join(between) if len(table_groups(row)) > 2 else "",
    )


def table_groups(row: dict[str, Any]) -> list[str]:
    """The cells but the last, which is everybody's."""
    return row["cells"][:-1]


def variable_title(name: str) -> str:
    if name in BY_NAME and name not in _TITLES:
        return BY_NAME[name].title_with_unit
    return _TITLES.get(name, name)


def _place(variable: str, level: str) -> tuple[int, str]:
    """Where a level stands: well before moderate before poor; words without an order by the alphabet."""
    fields = {found.name: found for found in ClinicalRecord._meta.fields}
    order = [value for value, _ in fields[variable].choices or ()] if variable in fields else []
    return (order.index(level) if level in order else len(order), level)


def level_title(variable: str, level: str) -> str:
    """The word of the clinic for a stored one."""
    if variable == "cancer_type":
        return _cancer(level)
    fields = {found.name: found for found in ClinicalRecord._meta.fields}
    choices = dict(fields[variable].choices or ()) if variable in fields else {}
    return str(choices.get(level, level))


def group_title(name: str, grouping: str) -> str:
    if name in _GROUP_TITLES and (name == "all" or grouping == "dataset_side"):
        return _GROUP_TITLES[name]
    return _cancer(name) if grouping == "cancer_type" else name


def _cancer(name: str) -> str:
    return str(CancerType(name).label) if name in CancerType.values else name
