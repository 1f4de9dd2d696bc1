"""A recorded figure as a file: the stored SVG, PDF and PNG made from it once, and the data as CSV."""

from collections.abc import Iterator

import vl_convert
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from backend.core.errors import NotFound
from backend.core.storage import read_bytes
from backend.experiments.models import Figure

PNG_PIXELS_PER_INCH = 300
CONTENT_TYPES = {"svg": "image/svg+xml", "pdf": "application/pdf", "png": "image/png"}


def figure_file(figure: Figure, form: str) -> bytes:
    """The figure as ``svg``, ``pdf`` or ``png``. Raises NotFound for another form and where nothing was printed."""
    if form not in CONTENT_TYPES or not figure.svg_key:
        raise NotFound("A figure can be had as SVG, PDF or PNG, once its job has recorded it.")
    if form == "svg":
        return read_bytes(figure.svg_key)
    key = f"{figure.svg_key.removesuffix('.svg')}.{form}"
    if not default_storage.exists(key):
        default_storage.save(key, ContentFile(_converted(read_bytes(figure.svg_key).decode(), form)))
    return read_bytes(key)


def _converted(svg: str, form: str) -> bytes:
    if form == "pdf":
        return vl_convert.svg_to_pdf(svg)
    return vl_convert.svg_to_png(svg, ppi=PNG_PIXELS_PER_INCH)


def figure_rows(figure: Figure) -> tuple[list[str], Iterator[list]]:
    """Columns and rows of all data that the declaration holds; ``layer`` counts the data sets within it."""
    sets = list(_data_sets(figure.spec))
    columns = list(dict.fromkeys(name for rows in sets for row in rows for name in row))
    lines = (
        [number, *(_flat(row.get(name)) for name in columns)] for number, rows in enumerate(sets, 1) for row in rows
    )
    return ["layer", *columns], lines


def _data_sets(part: object) -> Iterator[list[dict]]:
    """Every inline data set, wherever in the declaration it lies."""
    if isinstance(part, dict):
        yield from (rows for rows in part.get("datasets", {}).values())
        values = part.get("data", {}).get("values") if isinstance(part.get("data"), dict) else None
        if values:
            yield values
        for name, value in part.items():
            if name not in ("data", "datasets"):
                yield from _data_sets(value)
    elif isinstance(part, list):
        for value in part:
            yield from _data_sets(value)


def _flat(value: object) -> object:
    return " ".join(map(str, value)) if isinstance(value, list) else value
