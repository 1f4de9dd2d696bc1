"""One volume onto the grid of another, and what the other does not cover said as missing instead of filled."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import SimpleITK as sitk

from worker.compute.errors import GeometryMismatch
from worker.compute.geometry import check_same_frame, crop_or_pad_about_centre
from worker.compute.nifti import to_image
from worker.compute.types import Geometry, Volume

Offset = tuple[float, float, float]
NO_OFFSET: Offset = (0.0, 0.0, 0.0)
_INTERPOLATORS = {"linear": sitk.sitkLinear, "nearest": sitk.sitkNearestNeighbor}


@dataclass(frozen=True, kw_only=True, eq=False)
class AnalysisGrid:
    """CT (HU) and PET (SUVbw, float32) on one grid. ``pet`` is NaN exactly where ``missing_zyx`` is True."""

    ct: Volume
    pet: Volume
    missing_zyx: np.ndarray
    offset_lps_mm: Offset = NO_OFFSET

    @property
    def missing_fraction(self) -> float:
        return float(self.missing_zyx.mean())


def resample_to(
    moving: Volume,
    reference: Geometry,
    *,
    interpolation: Literal["linear", "nearest"] = "linear",
    offset_lps_mm: Offset = NO_OFFSET,
) -> tuple[Volume, np.ndarray]:
    """``moving``, shifted by ``offset_lps_mm``, at the voxel centres of ``reference``; and where it has no value there.

    A centre inside the outermost voxels' extent has a value. Linear gives float32 with NaN where nothing is known;
    nearest keeps the type of labels and has 0 there, so look at the mask. Raises FrameOfReferenceMismatch.
    """
    check_same_frame(moving.geometry, reference, "the volume to resample", "the reference grid")
    voxels = moving.array_zyx.astype(np.float32) if interpolation == "linear" else moving.array_zyx
    image = to_image(voxels, moving.geometry)
    # ITK's transform leads from the reference to the moving image: the opposite way of the shift.
    shift = sitk.TranslationTransform(3, tuple(-o for o in offset_lps_mm))
    resampled = resample_image(image, reference, shift, _INTERPOLATORS[interpolation])
    covered = resample_image(
        to_image(np.ones(moving.array_zyx.shape, np.uint8), moving.geometry), reference, shift, sitk.sitkNearestNeighbor
    )
    missing_zyx = covered == 0
    if interpolation == "linear":
        resampled[missing_zyx] = np.nan
        missing_zyx = np.isnan(resampled)
    array_zyx = resampled.astype(moving.array_zyx.dtype) if moving.array_zyx.dtype == bool else resampled
    return Volume(array_zyx=array_zyx, geometry=reference, unit=moving.unit, metadata=moving.metadata), missing_zyx


def analysis_grid(
    ct: Volume, pet: Volume, *, crop_xy: int | None = 512, offset_lps_mm: Offset = NO_OFFSET
) -> AnalysisGrid:
    """The paper's grid (section 2.3): the CT's, cropped about its centre to ``crop_xy``, with the PET linearly
    resampled on it.

    ``offset_lps_mm`` moves the PET so that it lies on the CT. Raises FrameOfReferenceMismatch, and GeometryMismatch
    where CT and PET have no voxel in common.
    """
    check_same_frame(ct.geometry, pet.geometry, "the CT", "the PET")
    cropped = ct if crop_xy is None else crop_or_pad_about_centre(ct, (crop_xy, crop_xy))
    on_ct, missing_zyx = resample_to(pet, cropped.geometry, offset_lps_mm=offset_lps_mm)
    if missing_zyx.all():
        raise GeometryMismatch(
            f"The CT ({cropped.geometry.describe()}) and the PET ({pet.geometry.describe()}) do not overlap: choose "
            "series of one "
            "examination."
        )
    return AnalysisGrid(ct=cropped, pet=on_ct, missing_zyx=missing_zyx, offset_lps_mm=offset_lps_mm)


def resample_image(image: sitk.Image, reference: Geometry, transform: sitk.Transform, interpolator: int) -> np.ndarray:
    """Values (z, y, x) of an image at the voxel centres of a grid, 0 outside it; ``transform`` leads from grid to
    image.
    """
    resampled = sitk.Resample(
        image,
        reference.size_xyz,
        transform,
        interpolator,
        reference.origin_lps_mm,
        reference.spacing_mm,
        reference.direction,
        0.0,
        image.GetPixelID(),
    )
    return sitk.GetArrayFromImage(resampled)
