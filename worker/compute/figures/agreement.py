"""Figures of agreement between readings: Dice per pair, and volumes after Bland and Altman (Lancet 1986)."""

from typing import Any

import altair as alt
import numpy as np

from worker.compute.figures.theme import FAINT, NEUTRAL, POSITIVE, Record, inline, specification

LIMIT_OF_AGREEMENT = 1.96
# Pixels; two names side by side, beside a figure that still fits half a page.
LONGEST_LABEL = 150


def dice_by_pair(rows: list[Record]) -> dict[str, Any]:
    """Dice coefficients ``{"pair", "case", "dice"}``: every case as a stroke, the median of each pair as a dot."""
    base = alt.Chart(inline(rows)).encode(
        y=alt.Y("pair:N", title=None, axis=alt.Axis(ticks=False, domain=False, labelLimit=LONGEST_LABEL))
    )
    unit = alt.Scale(domain=[0, 1])
    strokes = base.mark_tick(thickness=1.5, size=16, opacity=0.6).encode(
        x=alt.X("dice:Q", title="Dice coefficient", scale=unit),
        tooltip=["pair:N", "case:N", alt.Tooltip("dice:Q", format=".3f")],
    )
    median = base.mark_point(filled=True, size=80, color=POSITIVE, opacity=1).encode(
        x=alt.X("median(dice):Q", scale=unit)
    )
    return specification(alt.layer(strokes, median).properties(width=280, height=alt.Step(30)))


def bland_altman(
    first: list[float], second: list[float], *, names: tuple[str, str], unit: str = "ml"
) -> dict[str, Any]:
    """Difference against mean of paired values, with the bias and the 95 % limits of agreement."""
    a, b = np.asarray(first, dtype=float), np.asarray(second, dtype=float)
    difference, mean = b - a, (a + b) / 2
    spread = LIMIT_OF_AGREEMENT * (difference.std(ddof=1) if len(a) > 1 else 0.0)
    rows = [{"mean": float(m), "difference": float(d)} for m, d in zip(mean, difference, strict=True)]
    bias = float(difference.mean()) if len(a) else 0.0
    levels = [
        {"y": bias, "text": f"Bias {signed(bias)}", "kind": "bias"},
        {"y": bias - spread, "text": f"−{LIMIT_OF_AGREEMENT} SD: {signed(bias - spread)}", "kind": "limit"},
        {"y": bias + spread, "text": f"+{LIMIT_OF_AGREEMENT} SD: {signed(bias + spread)}", "kind": "limit"},
    ]
    # A free margin at the right, so that no word lies on a point.
    widest = float(np.ptp(mean)) if len(a) else 0.0
    reach = [float(mean.min()) - 0.04 * widest, float(mean.max()) + 0.36 * widest] if widest else None
    across = alt.Scale(domain=reach, nice=False) if reach else alt.Scale(zero=False)
    points = (
        alt.Chart(inline(rows))
        .mark_point(filled=True, size=45, opacity=0.75)
        .encode(
            x=alt.X("mean:Q", title=f"Mean of both ({unit})", scale=across, axis=alt.Axis(grid=False, tickCount=6)),
            y=alt.Y("difference:Q", title=f"{names[1]} − {names[0]} ({unit})"),
            tooltip=[alt.Tooltip("mean:Q", format=".2f"), alt.Tooltip("difference:Q", format=".2f")],
        )
    )
    dash = alt.StrokeDash("kind:N", scale=alt.Scale(domain=["bias", "limit"], range=[[1, 0], [5, 4]]), legend=None)
    lines = alt.Chart(inline(levels)).mark_rule(color=FAINT, strokeWidth=1.5).encode(y="y:Q", strokeDash=dash)
    words = alt.Chart(inline(levels)).mark_text(align="right", dy=-7, color=NEUTRAL, fontSize=11)
    labels = words.encode(y="y:Q", x=alt.value(376), text="text:N")
    return specification(alt.layer(lines, points, labels).properties(width=380, height=240))


def signed(value: float) -> str:
    """With one decimal and a minus sign as wide as a plus: "−12.3"."""
    return f"{value:+.1f}".replace("-", "−")
