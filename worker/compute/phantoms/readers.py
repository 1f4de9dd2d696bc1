"""Three readers' contours of the same lesions: each with a habit of drawing wide or tight, and a hand of their own."""

import numpy as np
from scipy import ndimage

from worker.compute.phantoms.fields import SmoothField, axes_mm
from worker.compute.types import Volume

# How far outside (+) or inside (−) the true edge each reader tends to draw, in mm.
READER_HABITS_MM = (-1.2, 0.3, 1.6)
HAND_MM = 1.3
HAND_LATTICE_MM = 18.0
MARGIN_VOXELS = 3


def draw_readings(tumour: Volume, seed: int) -> tuple[Volume, ...]:
    """One label volume per reader on the same grid; a lesion too small for a tight hand is kept as it is."""
    return tuple(
        tumour.with_array(_draw(tumour, habit_mm, seed + index)) for index, habit_mm in enumerate(READER_HABITS_MM)
    )


def _draw(tumour: Volume, habit_mm: float, seed: int) -> np.ndarray:
    reading = np.zeros_like(tumour.array_zyx)
    box = _box_around(tumour.array_zyx > 0)
    axes = [axis[part] for axis, part in zip(axes_mm(tumour.geometry), box, strict=True)]
    hand_mm = habit_mm + HAND_MM * SmoothField(seed, HAND_LATTICE_MM).sample(tuple(axes))
    spacing_zyx = tumour.geometry.spacing_mm[::-1]
    for role in np.unique(tumour.array_zyx[tumour.array_zyx > 0]):
        truth = tumour.array_zyx[box] == role
        drawn = _depth_mm(truth, spacing_zyx) + hand_mm > 0
        reading[box][drawn if drawn.any() else truth] = role
    return reading


def _depth_mm(mask: np.ndarray, spacing_zyx) -> np.ndarray:
    """Distance to the mask's edge, positive inside; the edge runs half a voxel beyond the outermost centres."""
    inside = ndimage.distance_transform_edt(mask, spacing_zyx)
    outside = ndimage.distance_transform_edt(~mask, spacing_zyx)
    half_voxel_mm = min(spacing_zyx) / 2
    return np.where(mask, inside - half_voxel_mm, half_voxel_mm - outside)


def _box_around(mask: np.ndarray) -> tuple[slice, ...]:
    found = ndimage.find_objects(mask.astype(np.uint8))[0]
    return tuple(
        slice(max(0, part.start - MARGIN_VOXELS), min(size, part.stop + MARGIN_VOXELS))
        for part, size in zip(found, mask.shape, strict=True)
    )
