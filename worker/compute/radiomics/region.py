"""The region of interest on its image, checked before filtering: one grid, enough voxels, no missing value."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from worker.compute.errors import EmptyMask, FeatureFailed, UnreadableInput
from worker.compute.geometry import check_same_grid
from worker.compute.radiomics.cropping import Box, bounding_box, pad_of_mm
from worker.compute.radiomics.recipe import Modality
from worker.compute.types import Geometry, Volume

UNITS = {"ct": "HU", "pet": "SUVbw"}

# What a voxel that was never measured holds for the filters that reach it: air, in the modality's unit.
AIR = {"ct": -1000.0, "pet": 0.0}

# Three sigmas hold 99.7 % of a Gaussian's weight: how near a missing voxel must be to be worth a warning.
WARNING_SIGMAS = 3


@dataclass(frozen=True, kw_only=True, eq=False)
class Region:
    """An image with one region; ``mask_zyx`` is the region inside ``box``, True where it is.

    ``extreme_value`` has the largest absolute value of the whole image, which scales PyRadiomics' square, square root,
    logarithm and exponential. ``air_value`` replaces missing (NaN) voxels where a filter reads them.
    """

    array_zyx: np.ndarray
    geometry: Geometry
    box: Box
    mask_zyx: np.ndarray
    air_value: float
    extreme_value: float

    @property
    def n_voxels(self) -> int:
        return int(np.count_nonzero(self.mask_zyx))

    def filled(self, crop_zyx: np.ndarray) -> np.ndarray:
        """A copy of part of the image without missing voxels."""
        crop_zyx = np.ascontiguousarray(crop_zyx)
        if crop_zyx.dtype.kind == "f":
            crop_zyx = np.where(np.isnan(crop_zyx), crop_zyx.dtype.type(self.air_value), crop_zyx)
        return crop_zyx


def select_region(image: Volume, mask: Volume, modality: Modality, labels: Sequence[int] | None = None) -> Region:
    """The voxels of ``mask`` with one of ``labels`` (None: every label) as one region of ``image``.

    Raises UnreadableInput for a mask of fractions, GeometryMismatch, EmptyMask, or FeatureFailed where the image has no
    value or the region no extent.
    """
    check_same_grid(mask.geometry, image.geometry, "the mask", "the image")
    selected_zyx = _selected(mask.array_zyx, labels)
    box = bounding_box(selected_zyx)
    _refuse_without_extent(box)
    array_zyx = _native(image.array_zyx)
    mask_zyx = selected_zyx[box.slices()]
    _refuse_missing(array_zyx[box.slices()][mask_zyx])
    return Region(
        array_zyx=array_zyx,
        geometry=image.geometry,
        box=box,
        mask_zyx=mask_zyx,
        air_value=AIR[modality],
        extreme_value=_extreme(array_zyx, AIR[modality]),
    )


def region_warnings(region: Region, unit: str, modality: Modality, log_sigmas_mm: Sequence[float]) -> tuple[str, ...]:
    """Sentences about what makes the values of this region less comparable than others'."""
    warnings = []
    if unit and unit != UNITS[modality]:
        warnings.append(f"The image is in {unit}, but the bins are for {modality.upper()} in {UNITS[modality]}.")
    reach = region.box.padded(pad_of_mm(WARNING_SIGMAS * max(log_sigmas_mm), region.geometry))
    near = region.array_zyx[reach.clipped(region.array_zyx.shape).slices()]
    missing = int(np.count_nonzero(np.isnan(near))) if near.dtype.kind == "f" else 0
    if missing:
        warnings.append(
            f"{missing} voxels around the region have no {modality.upper()} value and were taken as air "
            f"({region.air_value:g}) by the filters that reach them."
        )
    if min(region.box.shape_zyx) == 1:
        warnings.append("The region is one voxel thin along an axis, so its 3D shape and texture mean little.")
    if modality == "ct" and region.array_zyx.dtype != np.int16:
        warnings.append(
            f"The CT is stored as {region.array_zyx.dtype}, not as whole HU (int16), so its LBP3D features were "
            "interpolated without rounding and do not compare with those of an int16 CT."
        )
    return tuple(warnings)


def _selected(labels_zyx: np.ndarray, labels: Sequence[int] | None) -> np.ndarray:
    labels_zyx = np.nan_to_num(labels_zyx)
    if labels_zyx.dtype.kind == "f" and not np.array_equal(np.rint(labels_zyx), labels_zyx):
        raise UnreadableInput("The mask holds fractions, so it is an image: give a file of whole labels.")
    selected = labels_zyx != 0 if labels is None else np.isin(labels_zyx, list(labels))
    if selected.any():
        return selected
    if labels is None or not labels_zyx.any():
        raise EmptyMask("The mask is empty; draw a lesion or choose another mask.")
    present = ", ".join(f"{label:g}" for label in np.unique(labels_zyx[labels_zyx != 0])[:20])
    wanted = ", ".join(str(label) for label in labels)
    raise EmptyMask(f"The mask has no voxel of label {wanted}; it holds label {present}.")


def _refuse_without_extent(box: Box) -> None:
    if sum(size > 1 for size in box.shape_zyx) >= 2:
        return
    size = " x ".join(str(n) for n in reversed(box.shape_zyx))
    raise FeatureFailed(
        f"The region spans only {size} voxels (x, y, z), and texture needs at least two voxels along two axes; "
        "draw a larger region."
    )


def _native(array_zyx: np.ndarray) -> np.ndarray:
    """The array in a type that ITK knows; the stored type is kept because LBP3D interpolates in it."""
    if array_zyx.dtype.kind == "b":
        return array_zyx.astype(np.uint8)
    if array_zyx.dtype == np.float16:
        return array_zyx.astype(np.float32)
    return array_zyx.astype(array_zyx.dtype.newbyteorder("="), copy=False)


def _refuse_missing(values: np.ndarray) -> None:
    missing = int(np.count_nonzero(~np.isfinite(values)))
    if missing:
        raise FeatureFailed(
            f"{missing} of {values.size} voxels of the region have no image value (outside the scanned field or not a "
            "number); crop the region to the field, or correct the offset between PET and CT."
        )


def _extreme(array_zyx: np.ndarray, air_value: float) -> float:
    """The value with the largest absolute value in the whole image, slice by slice to spare memory."""
    low, high, missing = np.inf, -np.inf, False
    for slice_yx in array_zyx:
        if slice_yx.dtype.kind == "f":
            measured = slice_yx[~np.isnan(slice_yx)]
            missing = missing or measured.size < slice_yx.size
            slice_yx = measured
        if slice_yx.size:
            low, high = min(low, float(slice_yx.min())), max(high, float(slice_yx.max()))
    if missing:
        low, high = min(low, air_value), max(high, air_value)
    if not np.isfinite([low, high]).all():
        raise FeatureFailed("The image holds infinite values; repair the image before features are extracted.")
    return high if abs(high) >= abs(low) else low
