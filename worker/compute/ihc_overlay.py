"""The outlines of counted nuclei as a transparent picture to lay over the photograph."""

from PIL import Image, ImageDraw

from worker.compute.ihc import IhcQuantification

# Told apart by hue and by lightness; neither is a colour of the stain.
POSITIVE_RGB = (255, 40, 40)
NEGATIVE_RGB = (0, 205, 90)
REGION_RGB = (255, 215, 0)


def draw_overlay(found: IhcQuantification, size_xy: tuple[int, int], scale: float = 1.0) -> Image.Image:
    """RGBA of ``size_xy`` times ``scale``: positive nuclei red, negative green, the region yellow."""
    picture = Image.new("RGBA", (max(round(size_xy[0] * scale), 1), max(round(size_xy[1] * scale), 1)))
    pen = ImageDraw.Draw(picture)
    width = max(round(found.radius_px * scale / 6), 1)
    _ring(pen, found.region_xy, REGION_RGB, 2 * width, scale)
    for nucleus in found.outlines:
        _ring(pen, nucleus.outline_xy, POSITIVE_RGB if nucleus.is_positive else NEGATIVE_RGB, width, scale)
    return picture


def overlaid(photograph: Image.Image, found: IhcQuantification) -> Image.Image:
    """The photograph with the outlines on it."""
    base = photograph.convert("RGBA")
    return Image.alpha_composite(base, draw_overlay(found, base.size)).convert("RGB")


def _ring(pen: ImageDraw.ImageDraw, points: list, colour: tuple[int, int, int], width: int, scale: float) -> None:
    ring = [(x * scale, y * scale) for x, y in [*points, points[0]]]
    pen.line(ring, fill=(*colour, 255), width=width, joint="curve")
