"""The one look of all figures: transparent ground, quiet axes, colour-blind safe colours for light and dark."""

from typing import Any

import altair as alt

NEUTRAL = "#75808e"
"""Text and axes: readable on white and on the dark page."""

FAINT = "#9aa3ae"
GRID = "#9aa3ae40"
PALETTE = ("#2f86c4", "#dd6b20", "#1f9e77", "#c565a0", "#c99a06", "#7a6fd0", "#55b3d9", "#b0562f", "#7d8794")
"""After Okabe and Ito (2008), a little lighter so that every colour holds on a dark ground too."""

NEGATIVE, POSITIVE = "#2f86c4", "#dd6b20"
TP53_COLOURS = {"TP53 wild-type": NEGATIVE, "TP53 mutated": POSITIVE}
CANCER_COLOURS = {"endometrial": "#c565a0", "ovarian": "#1f9e77", "cervical": "#c99a06"}
PART_COLOURS = {"training": NEGATIVE, "validation": POSITIVE}

SOURCE_TITLES = {
    "tumour_ct": "Tumour CT",
    "tumour_pet": "Tumour PET",
    "bat_ct": "BAT CT",
    "bat_pet": "BAT PET",
    "combined": "Combined",
    "radiomics": "Radiomics",
    "clinical": "Clinical",
    "clinical_only": "Clinical only",
    "organ_only": "Organ only",
}

CONFIG: dict[str, Any] = {
    "background": "transparent",
    "font": "Inter, Helvetica, Arial, sans-serif",
    "view": {"stroke": None},
    "mark": {"color": PALETTE[0]},
    "axis": {
        "labelColor": NEUTRAL,
        "titleColor": NEUTRAL,
        "domainColor": FAINT,
        "tickColor": FAINT,
        "gridColor": GRID,
        "labelFontSize": 11,
        "titleFontSize": 12,
        "titleFontWeight": "normal",
        "titlePadding": 8,
    },
    "legend": {
        "labelColor": NEUTRAL,
        "titleColor": NEUTRAL,
        "labelFontSize": 11,
        "titleFontSize": 12,
        "titleFontWeight": "normal",
    },
    "header": {
        "labelColor": NEUTRAL,
        "titleColor": NEUTRAL,
        "labelFontSize": 12,
        "titleFontSize": 12,
        "labelFontWeight": 600,
    },
    "title": {"color": NEUTRAL, "subtitleColor": NEUTRAL, "fontSize": 13, "fontWeight": 600, "anchor": "start"},
    "range": {"category": list(PALETTE)},
}

Record = dict[str, Any]


def title_of(name: str) -> str:
    """The name of a source, model or baseline in words."""
    if name.startswith("logistic_"):
        return f"{title_of(name.removeprefix('logistic_'))} (logistic)"
    return SOURCE_TITLES.get(name, name.replace("_", " "))


def inline(records: list[Record]) -> alt.InlineData:
    """The data inside the specification itself, so that a stored figure needs nothing else."""
    return alt.InlineData(values=records)


def colours(mapping: dict[str, str], present: list[str]) -> alt.Scale:
    """A fixed colour for each known name and the palette's next ones for others, in the order they come."""
    order = [name for name in mapping if name in present] + sorted(name for name in set(present) if name not in mapping)
    spare = iter([c for c in PALETTE if c not in mapping.values()] * 3)
    return alt.Scale(domain=order, range=[mapping.get(name) or next(spare) for name in order])


def specification(chart: Any, datasets: dict[str, list[Record]] | None = None) -> dict[str, Any]:
    """The Vega-Lite specification of a chart in PETRA's look, validated by Altair's schema.

    ``datasets`` are records that the chart refers to by name (``alt.NamedData``): Altair copies and validates inline
    records at every step of composing a figure, which takes ten seconds for the paper's sixteen panels.
    """
    found = chart.configure(**CONFIG).to_dict()
    return {**found, "datasets": {**found.get("datasets", {}), **datasets}} if datasets else found
