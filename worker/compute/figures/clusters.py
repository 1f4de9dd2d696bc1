"""Figures of clusters of deep features: t-SNE, Davies–Bouldin, heat map, composition (Figure 9)."""

from typing import Any

import altair as alt

from worker.compute.clustering import ClusterResult
from worker.compute.figures.theme import (
    CANCER_COLOURS,
    FAINT,
    NEUTRAL,
    POSITIVE,
    TP53_COLOURS,
    Record,
    colours,
    inline,
    specification,
)
from worker.compute.statistics import Association

HEAT_LIMIT = 2.5
"""Standardised values beyond this have the last colour, so that one outlier does not wash out the rest."""


def tsne_scatter(result: ClusterResult, categories: dict[str, list[str]] | None = None) -> dict[str, Any]:
    """The t-SNE image by cluster and, side by side, by each of ``categories`` (cancer type, TP53 state)."""
    shown = {"Cluster": [f"cluster {c}" for c in result.clusters], **(categories or {})}
    panels = []
    for title, values in shown.items():
        rows = [
            {"id": case, "x": float(x), "y": float(y), "group": value or "unknown"}
            for case, (x, y), value in zip(result.case_ids, result.tsne, values, strict=True)
        ]
        panels.append(_scatter(title, rows))
    return specification(alt.hconcat(*panels, spacing=30).resolve_scale(color="independent"))


def _scatter(title: str, rows: list[Record]) -> alt.Chart:
    scale = colours(CANCER_COLOURS | TP53_COLOURS, [row["group"] for row in rows])
    axis = alt.Axis(labels=False, ticks=False, grid=False)
    return (
        alt.Chart(inline(rows))
        .mark_point(filled=True, size=42, opacity=0.8)
        .encode(
            x=alt.X("x:Q", title="t-SNE 1", axis=axis, scale=alt.Scale(zero=False)),
            y=alt.Y("y:Q", title="t-SNE 2", axis=axis, scale=alt.Scale(zero=False)),
            color=alt.Color("group:N", title=title, scale=scale, legend=alt.Legend(orient="bottom", columns=3)),
            tooltip=["id:N", "group:N"],
        )
        .properties(width=250, height=250)
    )


def davies_bouldin_curve(result: ClusterResult) -> dict[str, Any]:
    """The Davies–Bouldin index for each number of clusters; the chosen one is marked."""
    rows = [{"k": k, "index": v} for k, v in sorted(result.davies_bouldin.items())]
    base = alt.Chart(inline(rows)).encode(
        x=alt.X("k:O", title="Number of clusters k", axis=alt.Axis(labelAngle=0)),
        y=alt.Y("index:Q", title="Davies–Bouldin index (lower is better)", scale=alt.Scale(zero=False)),
        tooltip=["k:O", alt.Tooltip("index:Q", format=".3f")],
    )
    chosen = [{"k": result.k, "index": result.davies_bouldin[result.k]}]
    mark = alt.Chart(inline(chosen)).mark_point(size=160, color=POSITIVE, strokeWidth=2.5).encode(x="k:O", y="index:Q")
    return specification(alt.layer(base.mark_line(point=True, strokeWidth=2), mark).properties(width=320, height=220))


def cluster_heat_map(result: ClusterResult, categories: dict[str, list[str]] | None = None) -> dict[str, Any]:
    """Standardised deep features (rows) of all cases (columns), ordered by cluster, with strips of categories above."""
    order = result.row_order
    strips = {"cluster": [f"cluster {c}" for c in result.clusters], **(categories or {})}
    cells = [
        {
            "case": position,
            "id": result.case_ids[i],
            "feature": result.feature_names[j],
            "z": round(float(result.standardised[i, j]), 2),
        }
        for position, i in enumerate(order)
        for j in result.column_order
    ]
    width = max(320, min(720, 3 * len(order)))
    x = alt.X("case:O", axis=None, title=None)
    heat = (
        alt.Chart(inline(cells))
        .mark_rect()
        .encode(
            x=x,
            y=alt.Y(
                "feature:N", sort=None, title="Deep features", axis=alt.Axis(labels=False, ticks=False, domain=False)
            ),
            color=alt.Color(
                "z:Q",
                title="z-score",
                scale=alt.Scale(scheme="blueorange", domain=[-HEAT_LIMIT, HEAT_LIMIT], clamp=True),
                legend=alt.Legend(gradientLength=120),
            ),
            tooltip=["id:N", "feature:N", "z:Q"],
        )
        .properties(width=width, height=max(160, 8 * len(result.feature_names)))
    )
    strip = _strips({name: [values[i] for i in order] for name, values in strips.items()}, width)
    return specification(alt.vconcat(strip, heat, spacing=4).resolve_scale(color="independent"))


def _strips(values_by_name: dict[str, list[str]], width: int) -> alt.Chart:
    """A line of coloured cells per category, with one legend for all of them."""
    rows = [
        {"case": i, "group": value or "unknown", "strip": name}
        for name, values in values_by_name.items()
        for i, value in enumerate(values)
    ]
    scale = colours(CANCER_COLOURS | TP53_COLOURS, [row["group"] for row in rows])
    return (
        alt.Chart(inline(rows))
        .mark_rect()
        .encode(
            x=alt.X("case:O", axis=None),
            y=alt.Y("strip:N", title=None, sort=None, axis=alt.Axis(ticks=False, domain=False)),
            color=alt.Color("group:N", title=None, scale=scale, legend=alt.Legend(columns=4, orient="top")),
        )
        .properties(width=width, height=alt.Step(16))
    )


def cluster_composition(association: Association, *, title: str) -> dict[str, Any]:
    """The share of each category in every cluster, with counts, and the test's p in the title."""
    totals = [sum(row) or 1 for row in association.counts]
    rows = [
        {"cluster": f"{cluster} (n = {total})", "group": group, "n": n, "share": n / total}
        for cluster, counts, total in zip(association.rows, association.counts, totals, strict=True)
        for group, n in zip(association.columns, counts, strict=True)
    ]
    p = "not tested" if association.p is None else f"{association.test}, p = {association.p:.3g}"
    scale = colours(CANCER_COLOURS | TP53_COLOURS, list(association.columns))
    chart = (
        alt.Chart(inline(rows))
        .mark_bar()
        .encode(
            x=alt.X("share:Q", title="Share of cluster", stack="normalize", axis=alt.Axis(format="%", tickCount=5)),
            y=alt.Y("cluster:N", title="Cluster", axis=alt.Axis(ticks=False, domainColor=FAINT)),
            color=alt.Color("group:N", title=None, scale=scale),
            tooltip=["cluster:N", "group:N", "n:Q", alt.Tooltip("share:Q", format=".0%")],
        )
        .properties(width=320, height=alt.Step(30), title=alt.Title(title, subtitle=p, subtitleColor=NEUTRAL))
    )
    return specification(chart)
