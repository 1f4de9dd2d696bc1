"""The region of a photograph in which nuclei are counted: a polygon in pixels, its box and its pixels."""

from collections.abc import Sequence

import numpy as np
from skimage.draw import polygon as pixels_of_polygon

from worker.compute.errors import UnreadableInput

# More pixels than a screen full at the highest magnification; a region is drawn for more.
LIMIT_PIXELS = 40_000_000
SMALLEST_SIDE_PX = 32
MARGIN_PX = 64
Polygon = Sequence[tuple[float, float]]


def checked_region(rgb: np.ndarray, region_xy: Polygon | None) -> list[tuple[float, float]]:
    """The polygon within the picture, the whole picture without one. Raises UnreadableInput for what is neither."""
    if rgb.ndim != 3 or rgb.shape[2] != 3 or rgb.dtype != np.uint8:
        raise UnreadableInput("The picture is not in colour with 8 bits per channel: export it as such.")
    height, width = rgb.shape[:2]
    if min(height, width) < SMALLEST_SIDE_PX:
        raise UnreadableInput(f"The picture is smaller than {SMALLEST_SIDE_PX} pixels: use the photograph itself.")
    if region_xy is None:
        return [(0.0, 0.0), (width, 0.0), (width, height), (0.0, height)]
    points = [(float(np.clip(x, 0, width)), float(np.clip(y, 0, height))) for x, y in region_xy]
    if len(points) < 3 or _area(points) < SMALLEST_SIDE_PX**2:
        raise UnreadableInput("The region is too small or no polygon: draw it around the tumour in the photograph.")
    return points


def _area(points: Polygon) -> float:
    x, y = np.asarray(points).T
    return float(abs(np.dot(x, np.roll(y, 1)) - np.dot(y, np.roll(x, 1))) / 2)


def window_of(region: Polygon, shape: tuple[int, int]) -> tuple[int, int, tuple[slice, slice]]:
    """The region's box with a margin, so that a nucleus at its rim is seen whole: x, y of its corner and the slices."""
    x, y = np.asarray(region).T
    margin = MARGIN_PX
    x0, y0 = max(int(x.min()) - margin, 0), max(int(y.min()) - margin, 0)
    x1, y1 = min(int(np.ceil(x.max())) + margin, shape[1]), min(int(np.ceil(y.max())) + margin, shape[0])
    if (x1 - x0) * (y1 - y0) > LIMIT_PIXELS:
        limit = LIMIT_PIXELS // 1_000_000
        raise UnreadableInput(f"The region spans more than {limit} megapixels: draw a smaller one.")
    return x0, y0, (slice(y0, y1), slice(x0, x1))


def mask_of(region: Polygon, shape: tuple[int, ...], corner_xy: tuple[int, int]) -> np.ndarray:
    """Which pixels of a window with this upper left corner lie in the polygon."""
    x, y = np.asarray(region).T
    inside = np.zeros(shape, bool)
    # Pixel centres lie at halves.
    inside[pixels_of_polygon(y - corner_xy[1] - 0.5, x - corner_xy[0] - 0.5, shape)] = True
    return inside
