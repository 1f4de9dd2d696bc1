"""Volcano plots: significance against fold change, one panel or the paper's sixteen (Figure 5)."""

import math
from typing import Any

import altair as alt
import pandas as pd

from worker.compute.figures.theme import FAINT, NEGATIVE, NEUTRAL, POSITIVE, Record, inline, specification, title_of
from worker.compute.tables import IMAGE_SOURCES
from worker.compute.volcano import ALL_CANCERS, ALPHA, STANDARDISED

HIGHER, LOWER, NOT_SIGNIFICANT = "higher in mutated", "lower in mutated", "not significant"
ROW_LETTERS = "abcdefghijklmnopqrstuvwxyz"
SHORTEST_P = 1e-300
DIGITS = 4


def volcano_panel(frame: pd.DataFrame, *, title: str = "") -> dict[str, Any]:
    """One panel of ``volcano.volcano``'s rows; a triangle is a feature of either sign, whose x is the effect size."""
    datasets: dict[str, list[Record]] = {}
    chart = _panel(_points(frame), datasets).properties(width=380, height=300)
    return specification(chart.properties(title=title) if title else chart, datasets)


def volcano_grid(
    panels: dict[tuple[str, str], pd.DataFrame | str], *, cancers: list[str] | None = None
) -> dict[str, Any]:
    """A row per cancer type and all together, a column per source, as ``volcano.volcano_by_cancer`` gives them.

    A panel that could not be computed is shown empty with its reason.
    """
    kinds = cancers or [*sorted({c for _, c in panels if c != ALL_CANCERS}), ALL_CANCERS]
    sources = sorted({source for source, _ in panels}, key=lambda s: (*IMAGE_SOURCES, s).index(s))
    rows, datasets = [], {}
    for r, cancer in enumerate(kinds):
        row = []
        for c, source in enumerate(sources):
            title = f"{ROW_LETTERS[r * len(sources) + c]}  {title_of(source)}, {cancer}"
            row.append(_small(panels.get((source, cancer), "not computed"), title, datasets))
        rows.append(alt.hconcat(*row, spacing=16))
    chart = alt.vconcat(*rows, spacing=16).resolve_scale(color="shared", shape="shared")
    return specification(chart, datasets)


def _small(panel: pd.DataFrame | str, title: str, datasets: dict[str, list[Record]]) -> Any:
    if isinstance(panel, str):
        chart: Any = alt.Chart(inline([{"text": _wrapped(panel)}])).mark_text(color=NEUTRAL, fontSize=10, lineHeight=13)
        chart = chart.encode(text="text:N")
    else:
        chart = _panel(_points(panel), datasets, size=9)
    return chart.properties(width=165, height=150, title=title)


def _wrapped(sentence: str, width: int = 30) -> list[str]:
    lines = [""]
    for word in sentence.split():
        if len(lines[-1]) + len(word) > width:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return lines


def _points(frame: pd.DataFrame) -> list[Record]:
    """One point per tested feature; only significant ones carry their name, to keep a stored figure small."""
    points = []
    for row in frame.itertuples():
        if not (math.isfinite(row.p) and math.isfinite(row.x)):
            continue
        significant = row.p < ALPHA
        state = NOT_SIGNIFICANT if not significant else HIGHER if row.x > 0 else LOWER
        point = {
            "x": round(row.x, DIGITS),
            "y": round(-math.log10(max(row.p, SHORTEST_P)), DIGITS),
            "state": state,
            "kind": "effect size" if row.x_kind == STANDARDISED else "fold change",
            "q": float(f"{row.q:.2g}"),
            "g": round(row.hedges_g, 3),
            "feature": row.feature.split("__")[-1] if significant else "",
        }
        points.append(point)
    return points


def _panel(points: list[Record], datasets: dict[str, list[Record]], size: int = 16) -> Any:
    """The panel refers to its points by name; they are added to ``datasets``."""
    name = f"points-{len(datasets)}"
    datasets[name] = points
    states = alt.Scale(domain=[HIGHER, LOWER, NOT_SIGNIFICANT], range=[POSITIVE, NEGATIVE, FAINT])
    shapes = alt.Scale(domain=["fold change", "effect size"], range=["circle", "triangle-up"])
    dots = (
        alt.Chart(alt.NamedData(name=name))
        .mark_point(filled=True, size=size, opacity=0.55)
        .encode(
            x=alt.X("x:Q", title="log2 fold change (triangle: effect size)", axis=alt.Axis(grid=False, tickCount=5)),
            y=alt.Y("y:Q", title="-log10 p", axis=alt.Axis(tickCount=5)),
            color=alt.Color("state:N", title=None, scale=states, legend=alt.Legend(orient="top")),
            shape=alt.Shape(
                "kind:N", title=None, scale=shapes, legend=alt.Legend(orient="top", symbolFillColor=NEUTRAL)
            ),
            tooltip=["feature:N", "x:Q", "y:Q", "q:Q", "g:Q"],
        )
    )
    threshold = alt.Chart(inline([{"y": -math.log10(ALPHA)}])).mark_rule(strokeDash=[4, 4], color=FAINT).encode(y="y:Q")
    return alt.layer(dots, threshold)
