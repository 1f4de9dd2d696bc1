"""Assisted p53 quantification: the share of nuclei that take up DAB, as a proposal that a pathologist judges."""

from dataclasses import asdict, dataclass

import numpy as np
from scipy.ndimage import gaussian_filter, zoom
from skimage.measure import find_contours, regionprops

from worker.compute.errors import InsufficientData
from worker.compute.ihc_colour import separate
from worker.compute.ihc_nuclei import WORKING_RADIUS_PX, find_nuclei, typical_radius_px
from worker.compute.ihc_region import Polygon, checked_region, mask_of, window_of
from worker.compute.types import ProgressCallback, ignore_progress

METHOD = "colour deconvolution (Ruifrok & Johnston), watershed of the distance map, DAB per nucleus"
METHOD_VERSION = 1
# A nucleus is brown above a mean DAB density in this range; inside it, where the fewest nuclei lie. Around 0.2 is where
# QuPath, too, begins to count (Bankhead et al., Sci Rep 7:16878, 2017).
DAB_THRESHOLDS_OD = (0.10, 0.30)
_BANDWIDTH_OD = 0.03
_FEW_NUCLEI = 100
_SCALES = (0.15, 4.0)
_ROUGH = 0.5
_MUCH_OUTSIDE_PERCENT = 30.0


@dataclass(frozen=True, kw_only=True)
class NucleusOutline:
    """``outline_xy`` in pixels of the photograph; ``dab_od`` is the nucleus' mean."""

    outline_xy: list[tuple[float, float]]
    dab_od: float
    is_positive: bool


@dataclass(frozen=True, kw_only=True)
class IhcQuantification:
    """What was counted. Intensities are QuPath's classes: weak from 0.2, moderate from 0.4, strong from 0.6 OD."""

    percent_positive: float
    nuclei: int
    positive: int
    weak: int
    moderate: int
    strong: int
    dab_threshold_od: float
    radius_px: float
    brown_area_percent: float
    brown_outside_nuclei_percent: float
    region_xy: list[tuple[float, float]]
    outlines: list[NucleusOutline]
    warnings: list[str]
    method: str = METHOD
    method_version: int = METHOD_VERSION

    def to_json(self) -> dict:
        return asdict(self)


def quantify(
    rgb: np.ndarray, region_xy: Polygon | None = None, progress: ProgressCallback = ignore_progress
) -> IhcQuantification:
    """Counts the nuclei whose centre lies in the region (all, without one).

    ``rgb`` is uint8 (height, width, 3), ``region_xy`` the corners of a polygon in pixels. Raises UnreadableInput for a
    picture or region that cannot be used, InsufficientData where no nucleus is found.
    """
    region = checked_region(rgb, region_xy)
    progress(0.1, "Separating the stains")
    stains = separate(rgb)
    x0, y0, part = window_of(region, rgb.shape[:2])
    haematoxylin, dab = stains.haematoxylin[part], stains.dab[part]
    inside = mask_of(region, haematoxylin.shape, (x0, y0))
    progress(0.3, "Measuring how large the nuclei are")
    radius = typical_radius_px(haematoxylin, dab)
    if radius is None:
        raise InsufficientData(_NOTHING)
    progress(0.5, "Outlining the nuclei")
    scale = float(np.clip(WORKING_RADIUS_PX / radius, *_SCALES))
    scaled_dab = _scaled(dab, scale)
    nuclei = find_nuclei(_scaled(haematoxylin, scale), scaled_dab)
    progress(0.8, "Counting")
    found = _outlines(nuclei, scaled_dab, (x0, y0), inside, np.divide(nuclei.shape, haematoxylin.shape))
    return _counted(found, dab, inside, _spread(nuclei > 0, dab.shape), region, radius)


_NOTHING = "No nucleus was found in the region: draw it over stained tumour, or use a sharper photograph."


def _scaled(density: np.ndarray, scale: float) -> np.ndarray:
    """Smoothed before it is made smaller, so that noise does not become texture."""
    smooth = gaussian_filter(density, _ROUGH / scale) if scale < 1 else density
    return zoom(smooth, scale, order=1, grid_mode=True, mode="nearest")


def _spread(mask: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    rows = np.minimum((np.arange(shape[0]) + 0.5) * mask.shape[0] / shape[0], mask.shape[0] - 1).astype(int)
    columns = np.minimum((np.arange(shape[1]) + 0.5) * mask.shape[1] / shape[1], mask.shape[1] - 1).astype(int)
    return mask[np.ix_(rows, columns)]


def _outlines(
    nuclei: np.ndarray, dab: np.ndarray, corner_xy: tuple[int, int], inside: np.ndarray, scale_yx: np.ndarray
) -> list[tuple[list[tuple[float, float]], float]]:
    """(outline in the photograph's pixels, mean DAB density) of every nucleus whose centre lies inside."""
    found = []
    for nucleus in regionprops(nuclei, intensity_image=dab):
        row, column = ((np.asarray(nucleus.centroid) + 0.5) / scale_yx).astype(int)
        if not inside[min(row, inside.shape[0] - 1), min(column, inside.shape[1] - 1)]:
            continue
        line = max(find_contours(np.pad(nucleus.image, 1).astype(float), 0.5), key=len)
        top, left = nucleus.bbox[:2]
        rows, columns = (line[:, 0] - 0.5 + top) / scale_yx[0], (line[:, 1] - 0.5 + left) / scale_yx[1]
        step = max(len(line) // 24, 1)
        points = zip((columns + corner_xy[0])[::step], (rows + corner_xy[1])[::step], strict=True)
        found.append(([(round(float(x), 1), round(float(y), 1)) for x, y in points], float(nucleus.intensity_mean)))
    return found


def _counted(
    found: list, dab: np.ndarray, inside: np.ndarray, in_nucleus: np.ndarray, region: Polygon, radius_px: float
) -> IhcQuantification:
    if not found:
        raise InsufficientData(_NOTHING)
    densities = np.array([density for _, density in found])
    threshold = valley(densities)
    brown = (dab > threshold) & inside
    outside = 100.0 * float((brown & ~in_nucleus).sum()) / max(float(brown.sum()), 1.0)
    brown_area = 100.0 * float(brown.sum()) / float(inside.sum())
    positive = densities > threshold
    return IhcQuantification(
        percent_positive=round(100.0 * float(positive.mean()), 2),
        nuclei=len(found),
        positive=int(positive.sum()),
        weak=int((positive & (densities < 0.4)).sum()),
        moderate=int((positive & (densities >= 0.4) & (densities < 0.6)).sum()),
        strong=int((positive & (densities >= 0.6)).sum()),
        dab_threshold_od=round(threshold, 3),
        radius_px=round(radius_px, 1),
        brown_area_percent=round(brown_area, 2),
        brown_outside_nuclei_percent=round(outside, 1),
        region_xy=list(region),
        outlines=[
            NucleusOutline(outline_xy=line, dab_od=round(density, 3), is_positive=bool(density > threshold))
            for line, density in found
        ],
        warnings=_warnings(len(found), densities, threshold, brown_area, outside),
    )


def valley(densities: np.ndarray) -> float:
    """The threshold within ``DAB_THRESHOLDS_OD`` that the fewest nuclei lie near; its middle where none does."""
    thresholds = np.linspace(*DAB_THRESHOLDS_OD, 41)
    near = np.exp(-0.5 * ((thresholds[:, None] - densities[None, :]) / _BANDWIDTH_OD) ** 2).sum(axis=1)
    # Of equally empty places the middle one.
    near += 0.01 * ((thresholds - thresholds.mean()) / _BANDWIDTH_OD) ** 2
    return float(thresholds[np.argmin(near)])


def _warnings(count: int, densities: np.ndarray, threshold: float, brown_area: float, outside: float) -> list[str]:
    found = []
    if count < _FEW_NUCLEI:
        found.append(f"Only {count} nuclei were found; a share of so few is uncertain: draw a larger region.")
    if brown_area > 1.0 and outside > _MUCH_OUTSIDE_PERCENT:
        found.append(
            f"{outside:.0f} % of the brown lies outside nuclei (cytoplasm or background): judge this stain by eye."
        )
    near = float(np.mean(np.abs(densities - threshold) < _BANDWIDTH_OD))
    if near > 0.15:
        found.append(f"{100 * near:.0f} % of the nuclei stain about as much as the threshold: weak staining.")
    return found
