"""Lesions reshaped by scipy, for the viewer's own shape tools (frontend/tests/drawing/shapes.test.ts).

``python -m tests.known_answers.shapes`` writes shapes.json anew.
"""

import json
from pathlib import Path

import numpy as np
from scipy import ndimage

FILE = Path(__file__).with_suffix(".json")
SIZE_XYZ, SPACING_MM = (22, 19, 15), (2.0, 2.5, 4.0)
MARGINS_MM = (2.0, 4.1, 7.5)
GAP_ABOVE_Z = 9


def lesion() -> np.ndarray:
    """Two balls of unequal size with holes and crumbs, z, y, x."""
    z, y, x = np.indices(SIZE_XYZ[::-1])
    sx, sy, sz = SPACING_MM
    away_mm = np.sqrt(((x - 8) * sx) ** 2 + ((y - 9) * sy) ** 2 + ((z - 6) * sz) ** 2)
    beside_mm = np.sqrt(((x - 18) * sx) ** 2 + ((y - 4) * sy) ** 2 + ((z - 11) * sz) ** 2)
    hollow = (away_mm < 14) & ~((away_mm < 5) & (z != 7))
    crumbs = np.random.default_rng(3).random(hollow.shape) > 0.985
    return hollow | (beside_mm < 6) | crumbs


def known_answers() -> dict:
    """Offsets (z-major) of the lesion and of what scipy makes of it."""
    mask = lesion()
    to_mask = ndimage.distance_transform_edt(~mask, sampling=SPACING_MM[::-1])
    # The image's edge takes nothing away: scipy's distance is to voxels of the image only.
    to_outside = ndimage.distance_transform_edt(mask, sampling=SPACING_MM[::-1])
    parts, count = ndimage.label(mask)
    sizes = ndimage.sum_labels(mask, parts, range(1, count + 1))
    two_slices = _two_slices(mask)
    return {
        "size_xyz": SIZE_XYZ,
        "spacing_mm": SPACING_MM,
        "lesion": _offsets(mask),
        "grown": {str(mm): _offsets(to_mask <= mm + 1e-9) for mm in MARGINS_MM},
        "shrunk": {str(mm): _offsets(to_outside > mm + 1e-9) for mm in MARGINS_MM},
        "largest": _offsets(parts == 1 + int(np.argmax(sizes))),
        "at_least_a_tenth_ml": _offsets(np.isin(parts, 1 + np.flatnonzero(sizes * np.prod(SPACING_MM) / 1000 >= 0.1))),
        "filled": _offsets(ndimage.binary_fill_holes(mask)),
        "filled_in_axial_slices": _offsets(np.stack([ndimage.binary_fill_holes(plane) for plane in mask])),
        "two_slices": _offsets(two_slices),
        "interpolated": _offsets(_interpolated(two_slices)),
    }


def _two_slices(mask: np.ndarray) -> np.ndarray:
    kept = np.zeros_like(mask)
    kept[5], kept[GAP_ABOVE_Z] = ndimage.binary_fill_holes(mask[5]), mask[8]
    return kept


def _interpolated(mask: np.ndarray) -> np.ndarray:
    """Raya & Udupa 1990: the zero of the signed distances weighted by how far each drawn slice is away."""
    below, above = np.flatnonzero(mask.any(axis=(1, 2)))
    filled = mask.copy()
    for k in range(below + 1, above):
        share = (k - below) / (above - below)
        filled[k] = (1 - share) * _signed_mm(mask[below]) + share * _signed_mm(mask[above]) < 0
    return filled


def _signed_mm(plane: np.ndarray) -> np.ndarray:
    sampling = SPACING_MM[1::-1]
    outside = ndimage.distance_transform_edt(~plane, sampling=sampling)
    return outside - ndimage.distance_transform_edt(plane, sampling=sampling)


def _offsets(mask: np.ndarray) -> list[int]:
    return np.flatnonzero(mask).tolist()


def as_text(answers: dict) -> str:
    return json.dumps(answers) + "\n"


if __name__ == "__main__":
    FILE.write_text(as_text(known_answers()))
