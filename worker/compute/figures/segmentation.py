"""Figures of a segmenter's training: loss and Dice per epoch and fold, Dice of patients that a fold did not see."""

from typing import Any

import altair as alt

from worker.compute.figures.theme import NEUTRAL, PART_COLOURS, POSITIVE, Record, colours, inline, specification

PANEL = 150


def training_curves(folds: list[Record]) -> dict[str, Any]:
    """Losses (Dice and cross-entropy summed) above, pseudo-Dice below, a panel per fold; ``folds`` as recorded.

    Each fold is ``{"fold", "curves": {"train_loss", "validation_loss", "dice"}}`` with a value per epoch; an epoch
    whose value is not defined is left out.
    """
    losses = [
        {"fold": _title(fold), "epoch": epoch, "part": part, "value": value}
        for fold in folds
        for part, key in (("training", "train_loss"), ("validation", "validation_loss"))
        for epoch, value in _points(fold, key)
    ]
    dice = [
        {"fold": _title(fold), "epoch": epoch, "value": value}
        for fold in folds
        for epoch, value in _points(fold, "dice")
    ]
    scale = colours(PART_COLOURS, ["training", "validation"])
    colour = alt.Color("part:N", title=None, scale=scale, legend=alt.Legend(orient="top"))
    loss_chart = _by_fold(_lines(losses, "Loss (Dice + cross-entropy)").encode(color=colour))
    unit = alt.Scale(domain=[0, 1])
    dice_chart = _by_fold(_lines(dice, "Pseudo-Dice", unit, color=POSITIVE))
    return specification(alt.vconcat(loss_chart, dice_chart, spacing=20))


def dice_of_folds(folds: list[Record]) -> dict[str, Any]:
    """Dice of every patient by the fold that did not see them (``out_of_fold_dice``), the fold's median as a dot."""
    rows = [
        {"fold": f"{_title(fold)} (n = {len(fold['out_of_fold_dice'])})", "patient": patient, "dice": dice}
        for fold in folds
        for patient, dice in fold["out_of_fold_dice"].items()
    ]
    unit = alt.Scale(domain=[0, 1])
    base = alt.Chart(inline(rows)).encode(y=alt.Y("fold:N", title=None, axis=alt.Axis(ticks=False, domain=False)))
    strokes = base.mark_tick(thickness=1.5, size=16, opacity=0.7).encode(
        x=alt.X("dice:Q", title="Dice coefficient", scale=unit),
        tooltip=["patient:N", "fold:N", alt.Tooltip("dice:Q", format=".3f")],
    )
    median = base.mark_point(filled=True, size=80, color=POSITIVE, opacity=1, stroke=NEUTRAL).encode(
        x=alt.X("median(dice):Q", scale=unit)
    )
    return specification(alt.layer(strokes, median).properties(width=360, height=alt.Step(30)))


def _title(fold: Record) -> str:
    return f"Fold {fold['fold'] + 1}"


def _points(fold: Record, key: str) -> list[tuple[int, float]]:
    return [(epoch, value) for epoch, value in enumerate(fold["curves"][key], 1) if value is not None]


def _lines(rows: list[Record], title: str, scale: alt.Scale | None = None, **mark: Any) -> alt.Chart:
    return (
        alt.Chart(inline(rows))
        .mark_line(strokeWidth=1.8, **mark)
        .encode(
            x=alt.X("epoch:Q", title="Epoch", axis=alt.Axis(grid=False, tickMinStep=1, tickCount=4)),
            y=alt.Y("value:Q", title=title, scale=scale or alt.Scale(zero=False)),
            tooltip=["fold:N", "epoch:Q", alt.Tooltip("value:Q", format=".3f")],
        )
        .properties(width=PANEL, height=PANEL)
    )


def _by_fold(chart: alt.Chart) -> alt.FacetChart:
    return chart.facet(column=alt.Column("fold:N", title=None))
