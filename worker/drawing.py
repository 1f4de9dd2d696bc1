"""A figure as tasks record it: the declaration for the page and the printed SVG of the publication files."""

from typing import Any

from backend.experiments.services.recording import FigureSpec
from worker.compute.figures.printing import export


def draw(key: str, title: str, spec: dict[str, Any], *, caption: str = "", n: int | None = None) -> FigureSpec:
    """``n`` is the number of patients (or of tests) that the figure stands on."""
    return FigureSpec(key=key, title=title, spec=spec, caption=caption, n=n, svg=export(spec, "svg"))
