"""Figures of models: loss curves, confusion matrices, ROC, precision–recall, calibration, comparison (Figures 6–8)."""

from typing import Any, Literal

import altair as alt

from worker.compute.figures.theme import (
    FAINT,
    NEGATIVE,
    NEUTRAL,
    PALETTE,
    PART_COLOURS,
    POSITIVE,
    Record,
    colours,
    inline,
    specification,
    title_of,
)

PANEL = 130
Interpolation = Literal["step-after", "linear"]


def loss_curves(folds: list[Record]) -> dict[str, Any]:
    """Training and validation loss per epoch, a panel per fold; ``folds`` as in metrics.json."""
    rows = [
        {"fold": f"Fold {fold['fold'] + 1}", "epoch": e["epoch"], "part": part, "loss": e[key]}
        for fold in folds
        for e in fold["loss"]
        for part, key in (("training", "train"), ("validation", "validation"))
        if e[key] is not None
    ]
    chart = (
        alt.Chart(inline(rows))
        .mark_line(strokeWidth=1.8)
        .encode(
            x=alt.X("epoch:Q", title="Epoch", axis=alt.Axis(grid=False, tickMinStep=1, tickCount=4)),
            y=alt.Y("loss:Q", title="Cross-entropy (nats)", scale=alt.Scale(zero=False)),
            color=alt.Color(
                "part:N",
                title=None,
                scale=colours(PART_COLOURS, ["training", "validation"]),
                legend=alt.Legend(orient="top"),
            ),
            tooltip=["fold:N", "part:N", "epoch:Q", alt.Tooltip("loss:Q", format=".3f")],
        )
        .properties(width=PANEL, height=PANEL)
        .facet(column=alt.Column("fold:N", title=None))
    )
    return specification(chart)


def confusion_matrices(folds: list[Record], test: Record | None = None) -> dict[str, Any]:
    """Counts at the threshold, a matrix per fold and one for the sealed test set; entries as in metrics.json."""
    panels = [(f"Fold {fold['fold'] + 1} (n = {fold['n']})", fold) for fold in folds]
    if test is not None:
        panels.append((f"Test (n = {test['n']})", test))
    rows = [cell for name, entry in panels for cell in _cells(name, entry["confusion"])]
    order = [name for name, _ in panels]
    base = alt.Chart(inline(rows)).encode(
        x=alt.X(
            "predicted:N",
            title="Predicted",
            sort=["wild-type", "mutated"],
            axis=alt.Axis(labelAngle=0, ticks=False, domain=False),
        ),
        y=alt.Y("actual:N", title="Actual", sort=["wild-type", "mutated"], axis=alt.Axis(ticks=False, domain=False)),
    )
    cells = base.mark_rect(color=NEGATIVE, cornerRadius=2).encode(
        opacity=alt.Opacity("share:Q", scale=alt.Scale(domain=[0, 1], range=[0.06, 0.9]), legend=None),
        tooltip=["actual:N", "predicted:N", "n:Q", alt.Tooltip("share:Q", format=".0%", title="of actual")],
    )
    # White on the cells that the opacity makes dark, which the data says, so that no expression is needed.
    counts = base.mark_text(fontSize=14, fontWeight=600).encode(
        text="n:Q",
        color=alt.Color("ink:N", scale=alt.Scale(domain=["light", "dark"], range=["#ffffff", NEUTRAL]), legend=None),
    )
    chart = (
        alt.layer(cells, counts)
        .properties(width=110, height=110)
        .facet(facet=alt.Facet("panel:N", title=None, sort=order), columns=3, spacing=24)
        .resolve_scale(x="shared", y="shared")
    )
    return specification(chart)


def _cells(panel: str, confusion: Record) -> list[Record]:
    names = {
        ("wild-type", "wild-type"): "true_negative",
        ("wild-type", "mutated"): "false_positive",
        ("mutated", "wild-type"): "false_negative",
        ("mutated", "mutated"): "true_positive",
    }
    totals = {
        a: sum(confusion[key] for (actual, _), key in names.items() if actual == a) for a in ("wild-type", "mutated")
    }
    rows = []
    for (actual, predicted), key in names.items():
        share = confusion[key] / totals[actual] if totals[actual] else 0.0
        ink = "light" if share > 0.45 else "dark"
        rows.append(
            {"panel": panel, "actual": actual, "predicted": predicted, "n": confusion[key], "share": share, "ink": ink}
        )
    return rows


def roc_curves(curves: dict[str, list[Record]]) -> dict[str, Any]:
    """ROC curves by name, points as ``metrics.roc_points`` gives them; the diagonal is chance."""
    rows = [
        {"model": title_of(name), "x": p["false_positive_rate"], "y": p["true_positive_rate"], "order": i}
        for name, points in curves.items()
        for i, p in enumerate(points)
    ]
    chance = alt.Chart(inline([{"x": 0, "y": 0}, {"x": 1, "y": 1}])).mark_line(strokeDash=[4, 4], color=FAINT)
    diagonal = chance.encode(x="x:Q", y="y:Q")
    return specification(alt.layer(diagonal, _unit_curve(rows, "1 - specificity", "Sensitivity", "step-after")))


def precision_recall_curves(curves: dict[str, list[Record]]) -> dict[str, Any]:
    """Precision–recall curves by name, points as ``metrics.precision_recall_points`` gives them."""
    rows = [
        {"model": title_of(name), "x": p["recall"], "y": p["precision"], "order": i}
        for name, points in curves.items()
        for i, p in enumerate(points)
    ]
    return specification(_unit_curve(rows, "Recall", "Precision", "linear"))


def _unit_curve(rows: list[Record], x_title: str, y_title: str, interpolate: Interpolation) -> alt.Chart:
    unit = alt.Scale(domain=[0, 1])
    return (
        alt.Chart(inline(rows))
        .mark_line(interpolate=interpolate, strokeWidth=2)
        .encode(
            x=alt.X("x:Q", title=x_title, scale=unit, axis=alt.Axis(tickCount=5)),
            y=alt.Y("y:Q", title=y_title, scale=unit, axis=alt.Axis(tickCount=5)),
            color=alt.Color("model:N", title=None, sort=None),
            order="order:Q",
        )
        .properties(width=300, height=300)
    )


def calibration_curve(points: dict[str, list[Record]]) -> dict[str, Any]:
    """Observed share against mean prediction by name, points as ``metrics.calibration_points`` gives them."""
    rows = [{"model": title_of(name), **point} for name, found in points.items() for point in found]
    unit = alt.Scale(domain=[0, 1])
    ideal = (
        alt.Chart(inline([{"predicted": 0, "observed": 0}, {"predicted": 1, "observed": 1}]))
        .mark_line(strokeDash=[4, 4], color=FAINT)
        .encode(x="predicted:Q", y="observed:Q")
    )
    curve = (
        alt.Chart(inline(rows))
        .mark_line(point=alt.OverlayMarkDef(size=50), strokeWidth=2)
        .encode(
            x=alt.X("predicted:Q", title="Mean predicted probability", scale=unit, axis=alt.Axis(tickCount=5)),
            y=alt.Y("observed:Q", title="Observed share mutated", scale=unit, axis=alt.Axis(tickCount=5)),
            color=alt.Color("model:N", title=None, sort=None),
            tooltip=[
                "model:N",
                "n:Q",
                alt.Tooltip("predicted:Q", format=".2f"),
                alt.Tooltip("observed:Q", format=".2f"),
            ],
        )
        .properties(width=300, height=300)
    )
    return specification(alt.layer(ideal, curve))


def model_comparison(models: dict[str, Record], baselines: dict[str, Record], metric: str = "auc") -> dict[str, Any]:
    """One metric on the sealed test set with its 95 % interval, a row per model; entries as in metrics.json."""
    rows = []
    for kind, entries in (("Transformer", models), ("baseline", baselines)):
        for name, entry in entries.items():
            test = entry["test"]
            low, high = test.get("ci95", {}).get(metric, (None, None))
            if test[metric] is not None:
                label = f"{title_of(name)}, n = {test['n']}"
                rows.append({"model": label, "kind": kind, "value": test[metric], "low": low, "high": high})
    order = [row["model"] for row in rows]
    title = "AUC" if metric == "auc" else metric.replace("_", " ").capitalize()
    base = alt.Chart(inline(rows)).encode(
        y=alt.Y("model:N", sort=order, title=None, axis=alt.Axis(ticks=False, domain=False, labelLimit=240)),
        color=alt.Color(
            "kind:N", title=None, scale=alt.Scale(domain=["Transformer", "baseline"], range=[PALETTE[0], FAINT])
        ),
    )
    title = f"Test {title} (95 % CI)"
    x = alt.X("value:Q", title=title, scale=alt.Scale(domain=[0, 1]))
    interval = base.mark_rule(strokeWidth=2).encode(
        x=alt.X("low:Q", title=title, scale=alt.Scale(domain=[0, 1])), x2="high:Q"
    )
    point = base.mark_point(filled=True, size=70, opacity=1).encode(
        x=x, tooltip=["model:N", *(alt.Tooltip(f"{c}:Q", format=".3f") for c in ("value", "low", "high"))]
    )
    layers = [interval, point]
    if metric == "auc":
        chance = alt.Chart(inline([{"value": 0.5}])).mark_rule(strokeDash=[4, 4], color=POSITIVE, opacity=0.6)
        layers.insert(0, chance.encode(x="value:Q"))
    return specification(alt.layer(*layers).properties(width=360, height=alt.Step(24)))
