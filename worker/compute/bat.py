"""Brown adipose tissue by rule: voxels of fat density that take up FDG."""

import math

import numpy as np
from scipy import ndimage

from worker.compute.errors import EmptyMask
from worker.compute.geometry import check_same_grid, index_to_lps, mask_box
from worker.compute.types import Geometry, Volume

# The paper's thresholds (section 2.4): SUV above 1.5 in fat of -190 to -10 HU.
SUV_BW_THRESHOLD = 1.5
HU_RANGE = (-190.0, -10.0)

Limits = tuple[tuple[float | None, float | None], ...]
"""Lowest and highest x, y and z in mm (LPS); None leaves a side open."""

_TOUCHING = np.ones((3, 3, 3), dtype=bool)


def bat_mask(
    ct_hu: Volume,
    suv_bw: Volume,
    *,
    suv_threshold: float = SUV_BW_THRESHOLD,
    hu_min: float = HU_RANGE[0],
    hu_max: float = HU_RANGE[1],
    min_component_ml: float = 0.0,
    region_lps_mm: Limits | None = None,
    lesions: Volume | None = None,
    lesion_margin_mm: float = 0.0,
) -> Volume:
    """Voxels with SUVbw strictly above the threshold and CT within the HU range, both ends included, as 0/1.

    Where either value is missing (NaN) there is no BAT. The rest is off in the paper's mode: pieces below
    ``min_component_ml`` (touching by a corner counts) are dropped, voxels outside ``region_lps_mm`` and those within
    ``lesion_margin_mm`` of ``lesions`` too. Raises GeometryMismatch unless all volumes lie on one grid.
    """
    check_same_grid(ct_hu.geometry, suv_bw.geometry, "the CT", "the PET")
    found = (suv_bw.array_zyx > suv_threshold) & (ct_hu.array_zyx >= hu_min) & (ct_hu.array_zyx <= hu_max)
    if region_lps_mm is not None:
        found = _in_region(found, ct_hu.geometry, region_lps_mm)
    if lesions is not None:
        check_same_grid(ct_hu.geometry, lesions.geometry, "the CT", "the lesion mask")
        found &= ~_grown(lesions, lesion_margin_mm)
    if min_component_ml > 0:
        found = _large_pieces(found, min_component_ml / ct_hu.geometry.voxel_volume_ml)
    return Volume(array_zyx=found.astype(np.uint8), geometry=ct_hu.geometry, unit="label")


def require_voxels(mask: Volume, what: str = "brown fat") -> Volume:
    """The mask, or EmptyMask with a sentence for the case's page."""
    if not np.any(mask.array_zyx):
        raise EmptyMask(
            f"No voxel of {what} was found: check that its region is in the scan, or record the case as without {what}."
        )
    return mask


def _in_region(found: np.ndarray, geometry: Geometry, region_lps_mm: Limits) -> np.ndarray:
    """The found voxels whose centres lie within the limits; few are found, so only their places are computed."""
    indices_zyx = np.argwhere(found)
    points = index_to_lps(geometry, indices_zyx[:, ::-1])
    low = [-math.inf if limits[0] is None else limits[0] for limits in region_lps_mm]
    high = [math.inf if limits[1] is None else limits[1] for limits in region_lps_mm]
    inside = np.all((points >= low) & (points <= high), axis=1)
    kept = np.zeros_like(found)
    kept[tuple(indices_zyx[inside].T)] = True
    return kept


def _grown(lesions: Volume, margin_mm: float) -> np.ndarray:
    """The lesions and every voxel centre within ``margin_mm`` of one of theirs."""
    mask = lesions.array_zyx > 0
    if margin_mm <= 0 or not mask.any():
        return mask
    spacing_zyx = lesions.geometry.spacing_mm[::-1]
    box = mask_box(mask, tuple(math.ceil(margin_mm / s) for s in spacing_zyx))  # type: ignore[arg-type]
    grown = np.zeros_like(mask)
    grown[box] = ndimage.distance_transform_edt(~mask[box], sampling=spacing_zyx) <= margin_mm
    return grown


def _large_pieces(found: np.ndarray, fewest_voxels: float) -> np.ndarray:
    labels, _ = ndimage.label(found, structure=_TOUCHING)
    # A piece of exactly the asked volume stays, whatever the rounding of the voxel volume.
    large = np.bincount(labels.ravel()) >= fewest_voxels * (1 - 1e-9)
    large[0] = False
    return large[labels]
