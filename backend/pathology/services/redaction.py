"""Cutting and blanking a photograph before it is kept: the label of a slide is part of the picture."""

import json
from dataclasses import dataclass

from PIL import Image, ImageDraw

from backend.core.errors import InvalidInput

MOST_AREAS = 20
Area = tuple[float, float, float, float]


@dataclass(frozen=True, kw_only=True)
class Redaction:
    """Areas to blank and the part to keep, each (left, top, right, bottom) in shares of width and height."""

    blanks: tuple[Area, ...] = ()
    crop: Area | None = None


def parse_redaction(blanks: str, crop: str) -> Redaction:
    """Of two JSON texts, as the page sends them. Raises InvalidInput for anything else."""
    try:
        areas = tuple(_area(values) for values in json.loads(blanks or "[]"))
        kept = _area(json.loads(crop)) if crop else None
    except (TypeError, ValueError) as error:
        raise InvalidInput("The areas to blank are not given as shares of the picture: draw them again.") from error
    if len(areas) > MOST_AREAS:
        raise InvalidInput(f"More than {MOST_AREAS} areas are to be blanked: crop the photograph instead.")
    return Redaction(blanks=areas, crop=kept)


def _area(values: list) -> Area:
    left, top, right, bottom = (float(value) for value in values)
    if not (0 <= left < right <= 1 and 0 <= top < bottom <= 1):
        raise ValueError(values)
    return left, top, right, bottom


def redacted(picture: Image.Image, redaction: Redaction) -> Image.Image:
    """A new picture; blanked areas are white, like empty glass, and nothing of what was there is left."""
    if redaction.blanks:
        picture = picture.copy()
        pen = ImageDraw.Draw(picture)
        for area in redaction.blanks:
            left, top, right, bottom = _pixels(area, picture)
            pen.rectangle((left, top, right - 1, bottom - 1), fill="white")
    return picture.crop(_pixels(redaction.crop, picture)) if redaction.crop else picture


def _pixels(area: Area, picture: Image.Image) -> tuple[int, int, int, int]:
    """Whole pixels, outwards, so that no sliver of a label is left."""
    left, top, right, bottom = area
    return (
        int(left * picture.width),
        int(top * picture.height),
        min(-int(-right * picture.width // 1), picture.width),
        min(-int(-bottom * picture.height // 1), picture.height),
    )
