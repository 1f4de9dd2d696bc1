"""A figure's specification as a file for publication: SVG, PDF or PNG, without a browser."""

import json
from typing import Any, Literal

import vl_convert

from worker.compute.errors import UnreadableInput
from worker.compute.figures.theme import FAINT, NEUTRAL

INK = "#1f2933"
PNG_PIXELS_PER_INCH = 300
Format = Literal["svg", "pdf", "png"]


def export(specification: dict[str, Any], format: Format) -> bytes:
    """Renders a Vega-Lite specification on white with dark ink, PNG at 300 pixels per inch.

    Raises UnreadableInput for a format that is not svg, pdf or png.
    """
    printed = _for_print(specification)
    if format == "svg":
        return vl_convert.vegalite_to_svg(printed).encode()
    if format == "pdf":
        return vl_convert.vegalite_to_pdf(printed)
    if format == "png":
        return vl_convert.vegalite_to_png(printed, ppi=PNG_PIXELS_PER_INCH)
    raise UnreadableInput(f"A figure cannot be written as {format!r}: choose svg, pdf or png.")


def _for_print(specification: dict[str, Any]) -> dict[str, Any]:
    """The page's neutral greys, which hold on light and dark, become ink on white paper."""
    without_data = {key: value for key, value in specification.items() if key not in ("datasets", "data")}
    text = json.dumps(without_data).replace(NEUTRAL, INK).replace(f'"{FAINT}"', f'"{NEUTRAL}"')
    printed = {**specification, **json.loads(text)}
    printed["config"] = {**printed.get("config", {}), "background": "white"}
    return printed
