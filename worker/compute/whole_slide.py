"""Whole-slide files (SVS, NDPI, tiled TIFF and what else OpenSlide reads): the scanned tissue, without label or macro.

A scanner's file carries photographs of the slide's label and of the whole slide beside the scan ("associated images").
They are never read here, nor are the file's properties but the size of a pixel.
"""

from dataclasses import dataclass
from pathlib import Path

import openslide
from PIL import Image

from worker.compute.errors import UnreadableInput

# Larger scans than any scanner makes; a header that claims more is broken or hostile.
LARGEST_SIDE_PX = 500_000
SMALLEST_SIDE_PX = 64


@dataclass(frozen=True, kw_only=True, eq=False)
class WholeSlide:
    """An open scan. ``um_per_px`` is None where the file does not say it."""

    slide: openslide.OpenSlide
    width_px: int
    height_px: int
    um_per_px: float | None

    def read(self, downsample: int, box: tuple[int, int, int, int]) -> Image.Image:
        """RGB pixels of a box at a level ``downsample`` times smaller than the scan; unscanned parts are white."""
        left, top, right, bottom = box
        level = self.slide.get_best_level_for_downsample(downsample + 0.5)
        ratio = downsample / self.slide.level_downsamples[level]
        size = (max(round((right - left) * ratio), 1), max(round((bottom - top) * ratio), 1))
        try:
            part = self.slide.read_region((left * downsample, top * downsample), level, size)
        except openslide.OpenSlideError as error:
            raise UnreadableInput("The whole-slide file is damaged: export it from the scanner again.") from error
        plain = Image.new("RGB", part.size, "white")
        plain.paste(part, mask=part.getchannel("A"))
        wanted = (right - left, bottom - top)
        return plain if plain.size == wanted else plain.resize(wanted, Image.Resampling.BOX)

    def overview(self, longest_px: int) -> Image.Image:
        """The whole scan, small."""
        downsample = 1
        while max(self.width_px, self.height_px) / downsample > 2 * longest_px:
            downsample *= 2
        size = (-(-self.width_px // downsample), -(-self.height_px // downsample))
        picture = self.read(downsample, (0, 0, *size))
        picture.thumbnail((longest_px, longest_px))
        return picture


def open_whole_slide(path: Path) -> WholeSlide:
    """Opens a scan. Raises UnreadableInput for what OpenSlide does not know, and for broken or impossible files."""
    try:
        slide = openslide.OpenSlide(path)
    except openslide.OpenSlideError as error:
        raise UnreadableInput(
            "The file is no whole slide that OpenSlide reads (SVS, NDPI, tiled TIFF and others), or it is damaged."
        ) from error
    width, height = slide.dimensions
    if max(width, height) > LARGEST_SIDE_PX or min(width, height) < SMALLEST_SIDE_PX:
        raise UnreadableInput(
            f"The slide claims {width:,} × {height:,} pixels, which no scanner makes: export it again."
        )
    return WholeSlide(slide=slide, width_px=width, height_px=height, um_per_px=_um_per_px(slide))


def _um_per_px(slide: openslide.OpenSlide) -> float | None:
    try:
        value = float(slide.properties[openslide.PROPERTY_NAME_MPP_X])
    except (KeyError, ValueError):
        return None
    return value if 0.05 <= value <= 20 else None
