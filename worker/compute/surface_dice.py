"""Surface Dice at a tolerance in mm: the share of two boundaries that lie within the tolerance of each other, by area.

The surface of a mask is taken where it is exact on a voxel grid: the faces between a voxel inside and one outside, each
with its own area and centre in mm, so that anisotropic voxels count as they are. A staircase has more area than the
smooth surface that it stands for, but both masks share the grid: the excess is in numerator and denominator alike.
"""

import numpy as np
from scipy.spatial import KDTree

# About one PET voxel: readers whose outlines lie a voxel apart drew the same boundary.
SURFACE_TOLERANCE_MM = 4.0
_ROUNDING_MM = 1e-6


def surface_faces(mask_zyx: np.ndarray, spacing_mm: tuple[float, float, float]) -> tuple[np.ndarray, np.ndarray]:
    """Centres (n, 3) in mm along z, y, x from voxel (0, 0, 0) and areas (n,) in mm² of a boolean mask's faces."""
    spacing_zyx = np.asarray(spacing_mm[::-1])
    padded = np.pad(mask_zyx, 1).astype(np.int8)
    centres, areas = [], []
    for axis in range(3):
        index = np.argwhere(np.diff(padded, axis=axis)).astype(float) - 1
        index[:, axis] += 0.5
        centres.append(index * spacing_zyx)
        areas.append(np.full(len(index), np.prod(np.delete(spacing_zyx, axis))))
    return np.concatenate(centres), np.concatenate(areas)


def surface_dice(
    a_zyx: np.ndarray,
    b_zyx: np.ndarray,
    spacing_mm: tuple[float, float, float],
    tolerance_mm: float = SURFACE_TOLERANCE_MM,
) -> float | None:
    """Surface Dice of two boolean masks on one grid (Nikolov et al., J Med Internet Res 2021;23:e26151).

    None where both are empty, 0 where one is: a missing boundary lies near nothing.
    """
    if not (a_zyx.any() and b_zyx.any()):
        return 0.0 if a_zyx.any() or b_zyx.any() else None
    (a_mm, a_mm2), (b_mm, b_mm2) = surface_faces(a_zyx, spacing_mm), surface_faces(b_zyx, spacing_mm)
    near_a = KDTree(b_mm).query(a_mm)[0] <= tolerance_mm + _ROUNDING_MM
    near_b = KDTree(a_mm).query(b_mm)[0] <= tolerance_mm + _ROUNDING_MM
    return float((a_mm2[near_a].sum() + b_mm2[near_b].sum()) / (a_mm2.sum() + b_mm2.sum()))
