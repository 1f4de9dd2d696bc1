"""Figures of a cohort: flow diagram, SUV by cancer and TP53 state, features per class (Figures 1 and 4)."""

import textwrap
from typing import Any

import altair as alt

from worker.compute.figures.theme import FAINT, NEGATIVE, NEUTRAL, TP53_COLOURS, Record, colours, inline, specification

BOX_WIDTH, BOX_HEIGHT, GAP = 220, 46, 34
SIDE_WIDTH, SIDE_GAP = 290, 30
LINE_HEIGHT = 15
# What fits into the side box at the size of its text.
SIDE_CHARACTERS = 44


def flow_diagram(steps: list[Record]) -> dict[str, Any]:
    """Who stayed and who left: steps ``{"label", "n", "excluded": [{"reason", "n"}, …]}`` from first to last.

    The patients excluded between a step and the next are listed in a box at the side.
    """
    boxes, lines, texts = [], [], []
    top = 0.0
    for i, step in enumerate(steps):
        excluded = step.get("excluded") or []
        boxes.append(_box(0, top, BOX_WIDTH, BOX_HEIGHT, "main"))
        texts.append({"x": BOX_WIDTH / 2, "y": top + BOX_HEIGHT / 2, "text": [step["label"], f"n = {step['n']}"]})
        bottom = top + BOX_HEIGHT
        words = _side_words(excluded)
        side_height = LINE_HEIGHT * len(words) + 12 if excluded else 0
        following = bottom + GAP + (side_height if excluded else 0)
        if excluded:
            middle, side = bottom + (following - bottom) / 2, BOX_WIDTH / 2 + SIDE_GAP
            boxes.append(_box(side, middle - side_height / 2, SIDE_WIDTH, side_height, "side"))
            texts.append({"x": side + SIDE_WIDTH / 2, "y": middle, "text": words})
            lines.append({"x": BOX_WIDTH / 2, "y": middle, "x2": side, "y2": middle})
        if i + 1 < len(steps):
            lines.append({"x": BOX_WIDTH / 2, "y": bottom, "x2": BOX_WIDTH / 2, "y2": following})
        top = following
    return specification(_drawing(boxes, lines, texts, width=BOX_WIDTH / 2 + SIDE_GAP + SIDE_WIDTH, height=top - GAP))


def _side_words(excluded: list[Record]) -> list[str]:
    """The lines of a side box; a reason that is a sentence goes over several."""
    reasons = [line for e in excluded for line in textwrap.wrap(f"{e['reason']}: {e['n']}", SIDE_CHARACTERS)]
    return [f"Excluded (n = {sum(e['n'] for e in excluded)})", *reasons]


def _box(x: float, y: float, width: float, height: float, kind: str) -> Record:
    return {"x": x, "y": y, "x2": x + width, "y2": y + height, "kind": kind}


def _drawing(boxes: list[Record], lines: list[Record], texts: list[Record], width: float, height: float) -> Any:
    """Boxes, connecting lines and text at pixel positions from the top left."""
    x = alt.X("x:Q", axis=None, scale=alt.Scale(domain=[-1, width + 1], nice=False))
    y = alt.Y("y:Q", axis=None, scale=alt.Scale(domain=[height + 1, -1], nice=False))
    fill = alt.Scale(domain=["main", "side"], range=[f"{NEGATIVE}22", "#00000000"])
    rectangles = alt.Chart(inline(boxes)).mark_rect(stroke=FAINT, cornerRadius=4)
    layers = [
        alt.Chart(inline(lines)).mark_rule(color=FAINT, strokeWidth=1.5).encode(x=x, y=y, x2="x2:Q", y2="y2:Q"),
        rectangles.encode(x=x, y=y, x2="x2:Q", y2="y2:Q", fill=alt.Fill("kind:N", scale=fill, legend=None)),
        *(_label(text, x, y) for text in texts),
    ]
    return alt.layer(*layers).properties(width=width, height=height)


def _label(text: Record, x: alt.X, y: alt.Y) -> alt.Chart:
    """A text of several lines centred at its place; one mark of several lines would hang down from it."""
    first = text["y"] - LINE_HEIGHT * (len(text["text"]) - 1) / 2
    rows = [{"x": text["x"], "y": first + LINE_HEIGHT * i, "text": line} for i, line in enumerate(text["text"])]
    mark = alt.Chart(inline(rows)).mark_text(color=NEUTRAL, fontSize=12, baseline="middle")
    return mark.encode(x=x, y=y, text="text:N")


def suv_distribution(rows: list[Record], *, title: str = "SUVmax (g/ml)") -> dict[str, Any]:
    """Box plots over the single patients by cancer type and TP53 state: ``{"cancer_type", "tp53", "value"}``."""
    states = [row["tp53"] for row in rows]
    colour = alt.Color("tp53:N", title=None, scale=colours(TP53_COLOURS, states), legend=alt.Legend(orient="top"))
    base = alt.Chart(inline(rows)).encode(
        x=alt.X("tp53:N", title=None, axis=alt.Axis(labels=False, ticks=False), sort=list(TP53_COLOURS)),
        y=alt.Y("value:Q", title=title),
        color=colour,
    )
    box = base.mark_boxplot(size=34, opacity=0.45, outliers=False, median={"color": NEUTRAL, "strokeWidth": 2})
    # The box's whiskers would say the same as its points, so single patients are drawn as short strokes.
    patients = base.mark_tick(thickness=1.2, size=14, opacity=0.8)
    chart = (
        alt.layer(box, patients).properties(width=120, height=230).facet(column=alt.Column("cancer_type:N", title=None))
    )
    return specification(chart)


def feature_class_counts(counts: dict[str, dict[str, int]]) -> dict[str, Any]:
    """How many features each source has per class: ``{source: {class: n}}``."""
    rows = [{"source": s, "class": c, "n": n} for s, classes in counts.items() for c, n in classes.items()]
    order = list(dict.fromkeys(row["class"] for row in rows))
    base = alt.Chart(inline(rows)).encode(
        y=alt.Y("class:N", title=None, sort=order, axis=alt.Axis(ticks=False, domain=False)),
        x=alt.X("n:Q", title="Features", axis=alt.Axis(tickCount=4)),
    )
    bars = base.mark_bar(color=NEGATIVE, cornerRadiusEnd=2)
    numbers = base.mark_text(align="left", dx=4, color=NEUTRAL, fontSize=11).encode(text="n:Q")
    chart = alt.layer(bars, numbers).properties(width=115, height=alt.Step(22))
    return specification(chart.facet(column=alt.Column("source:N", title=None, sort=list(counts))))
