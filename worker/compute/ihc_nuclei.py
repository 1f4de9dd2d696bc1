"""Nuclei in a photograph's stain: how large they typically are, and the outline of each one.

All lengths are chosen for nuclei of ``WORKING_RADIUS_PX``: the photograph is scaled until they have that radius, so
that no magnification is favoured.
"""

import numpy as np
from scipy.ndimage import (
    binary_dilation,
    distance_transform_edt,
    gaussian_filter,
    gaussian_laplace,
    grey_dilation,
    percentile_filter,
    zoom,
)
from skimage.feature import peak_local_max
from skimage.filters import threshold_otsu
from skimage.measure import label
from skimage.morphology import disk, h_maxima, opening, remove_small_holes, remove_small_objects
from skimage.segmentation import expand_labels, watershed

WORKING_RADIUS_PX = 9.0
# Radii that are looked for; a photograph at any usual magnification lies between.
_RADII_PX = np.geomspace(2.5, 48.0, 16)
# No more of a photograph is needed to know the size.
_SAMPLE_PX = 900
_LEAST_BLOB = 0.25
# Densities are compared as log(1 + density / this): a pale blue nucleus then counts beside a dark brown one.
_PALE_OD = 0.15
_LEAST_STEP = 0.25
_BROWN_OD = 0.2
# A pixel paler than this share of the darkest nearby lies between nuclei, not in one.
_SHARE_OF_DARKEST = 0.4
_NECK_PX = 0.6
_LEAST_EDGE_OD = 0.06
_RIM_PX = 3
_AREA_PX = np.pi * WORKING_RADIUS_PX**2


def compressed(density: np.ndarray) -> np.ndarray:
    """Optical density on a scale on which pale and dark nuclei stand out alike."""
    return np.log1p(np.clip(density, 0.0, None) / _PALE_OD)


def typical_radius_px(haematoxylin: np.ndarray, dab: np.ndarray) -> float | None:
    """The radius of most nuclei, from the scale at which blobs answer most (Lindeberg 1998); None without any blob.

    Blobs of haematoxylin alone are asked too: where the cytoplasm is brown, nuclei show only there.
    """
    rows, columns = _most_stained(density_of(haematoxylin, dab))
    maps = (density_of(haematoxylin, dab)[rows, columns], haematoxylin[rows, columns])
    found = [_blobs(compressed(density)) for density in maps]
    sigmas, answers = (np.concatenate(values) for values in zip(*found, strict=True))
    if not len(sigmas):
        return None
    order = np.argsort(sigmas)
    weights = np.cumsum((answers * sigmas)[order])
    return float(sigmas[order][np.searchsorted(weights, weights[-1] / 2)] * np.sqrt(2.0))


def density_of(haematoxylin: np.ndarray, dab: np.ndarray) -> np.ndarray:
    """Both stains together."""
    return np.clip(haematoxylin, 0.0, None) + np.clip(dab, 0.0, None)


def _blobs(step: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Scale and answer of every local maximum of the scale space."""
    sigmas = _RADII_PX / np.sqrt(2.0)
    answers = np.stack([-(sigma**2) * gaussian_laplace(step, sigma) for sigma in sigmas], axis=-1)
    peaks = peak_local_max(answers, min_distance=1, threshold_abs=_LEAST_BLOB, exclude_border=False)
    return sigmas[peaks[:, 2]], answers[tuple(peaks.T)]


def _most_stained(density: np.ndarray) -> tuple[slice, slice]:
    """The square of at most _SAMPLE_PX that holds the most stain, of a grid of them."""
    height, width = density.shape
    squares = [(slice(y, y + _SAMPLE_PX), slice(x, x + _SAMPLE_PX)) for y in _starts(height) for x in _starts(width)]
    return max(squares, key=lambda square: float(density[square].mean()))


def _starts(length: int) -> list[int]:
    return [0] if length <= _SAMPLE_PX else [*range(0, length - _SAMPLE_PX, _SAMPLE_PX), length - _SAMPLE_PX]


def find_nuclei(haematoxylin: np.ndarray, dab: np.ndarray) -> np.ndarray:
    """Labels (int32, 0: no nucleus) of nuclei of about ``WORKING_RADIUS_PX``; both maps are optical densities."""
    density = density_of(haematoxylin, dab)
    stained = _stained(density, dab)
    depth = gaussian_filter(distance_transform_edt(stained), 1.0)
    nuclei = watershed(-depth, label(h_maxima(depth, _NECK_PX)), mask=stained)
    return _standing_out(nuclei, density)


def _stained(density: np.ndarray, dab: np.ndarray) -> np.ndarray:
    """Pixels that are darker than what lies around, by a step that both stains pass."""
    step = compressed(gaussian_filter(density, 0.7))
    step = np.clip(step - _surroundings(step), 0.0, None)
    without_brown = step[~binary_dilation(gaussian_filter(dab, 0.7) > _BROWN_OD, disk(2))]
    # Beside dark brown nuclei a common step would pass over pale blue ones: theirs is looked for apart.
    least = max(min(_otsu(step), _otsu(without_brown)), _LEAST_STEP)
    reach = int(1.2 * WORKING_RADIUS_PX) | 1
    darkest = gaussian_filter(grey_dilation(step, size=(reach, reach)), WORKING_RADIUS_PX / 3)
    stained = opening(step > np.maximum(least, _SHARE_OF_DARKEST * darkest), disk(2))
    stained = remove_small_holes(stained, max_size=int(0.10 * _AREA_PX))
    return remove_small_objects(stained, max_size=int(0.12 * _AREA_PX))


def _otsu(values: np.ndarray) -> float:
    if values.size < _AREA_PX or values.max() <= values.min():
        return np.inf
    return float(threshold_otsu(values))


def _surroundings(step: np.ndarray) -> np.ndarray:
    """The paler end of a wide window about every pixel: cytoplasm and stroma without the nuclei in them."""
    coarse = percentile_filter(step[::3, ::3], 8, size=int(3 * WORKING_RADIUS_PX) | 1)
    coarse = gaussian_filter(coarse, WORKING_RADIUS_PX / 2)
    return zoom(coarse, np.divide(step.shape, coarse.shape), order=1, grid_mode=True, mode="nearest")


def _standing_out(nuclei: np.ndarray, density: np.ndarray) -> np.ndarray:
    """Drops crumbs, and clouds whose rim is no edge; numbers what is left from 1."""
    count = int(nuclei.max())
    if count == 0:
        return nuclei.astype(np.int32)
    areas = np.bincount(nuclei.ravel(), minlength=count + 1)[1:]
    # A nucleus in the midst of others has no rim of its own; then nothing speaks against it.
    step = _edge_steps(nuclei, density, count)
    kept = (areas > 0.2 * np.median(areas)) & (np.nan_to_num(step, nan=np.inf) > _LEAST_EDGE_OD)
    numbers = np.zeros(count + 1, np.int32)
    numbers[1:][kept] = np.arange(1, int(kept.sum()) + 1)
    return numbers[nuclei]


def _edge_steps(nuclei: np.ndarray, density: np.ndarray, count: int) -> np.ndarray:
    """How much darker each nucleus is just inside its rim than just outside; NaN where nothing is outside."""
    depth, height = distance_transform_edt(nuclei > 0), distance_transform_edt(nuclei == 0)
    inner = np.where((depth > 1) & (depth <= 1 + _RIM_PX), nuclei, 0)
    outer = np.where((height > 1) & (height <= 1 + _RIM_PX), expand_labels(nuclei, 1 + _RIM_PX), 0)
    return _means(inner, density, count) - _means(outer, density, count)


def _means(labels: np.ndarray, density: np.ndarray, count: int) -> np.ndarray:
    sums = np.bincount(labels.ravel(), density.ravel(), minlength=count + 1)[1:]
    pixels = np.bincount(labels.ravel(), minlength=count + 1)[1:]
    with np.errstate(invalid="ignore", divide="ignore"):
        return sums / pixels
