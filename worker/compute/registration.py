"""How far a PET lies off its CT: a translation in mm from two contours of one lesion, or from the body as a whole."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import SimpleITK as sitk
from scipy.optimize import minimize

from worker.compute.errors import EmptyMask, GeometryMismatch
from worker.compute.geometry import centroid_lps_mm, check_same_frame, crop, index_to_lps, lps_to_index, mask_box
from worker.compute.nifti import to_image
from worker.compute.resample import NO_OFFSET, Offset, resample_image, resample_to
from worker.compute.types import Volume

# Half the resolution of a clinical PET (5 to 7 mm FWHM): a shift below this cannot be seen on fused images.
VISIBLE_SHIFT_MM = 3.0
# On real thighs whose contours agree, the body alone gave 5 mm: only a larger shift is worth a warning.
VISIBLE_BODY_SHIFT_MM = 10.0
# Below every soft tissue and fat; lung counts as air here, so a lesion in the lung is judged by other means.
AIR_HU = -500.0
LARGEST_AIR_FRACTION = 0.05

# Contours of one lesion overlap at least near their common centre; the search looks this far around it.
_SEARCH_MARGIN_MM = 15.0
_STEP_MM = 2.0
_TOLERANCE_MM = 0.05
_BODY_HU_RANGE = (-1000.0, 300.0)
_FEWEST_SLICES = 8


@dataclass(frozen=True, kw_only=True)
class FoundOffset:
    """The translation in mm (LPS) that lays the PET (or the second mask) on the CT (or the first).

    ``dice`` is the overlap of the contours after it and ``dice_before`` without it; None where the body was compared.
    """

    offset_lps_mm: Offset
    method: Literal["contours", "body"]
    dice: float | None = None
    dice_before: float | None = None
    warning: str | None = None

    @property
    def distance_mm(self) -> float:
        return float(np.linalg.norm(self.offset_lps_mm))


def detect_offset(
    ct: Volume, pet: Volume, *, ct_roi: Volume | None = None, pet_roi: Volume | None = None
) -> FoundOffset:
    """From the two contours of one lesion where both exist (right to a voxel), otherwise from the body (right to 1
    cm).
    """
    if ct_roi is not None and pet_roi is not None:
        return roi_offset(ct_roi, pet_roi)
    return body_offset(ct, pet)


def roi_offset(reference: Volume, moving: Volume) -> FoundOffset:
    """The translation of ``moving`` that gives the largest Dice with ``reference``: two masks of one lesion on any
    grids.

    Starts from the difference of the centres of mass. Raises EmptyMask and FrameOfReferenceMismatch.
    """
    check_same_frame(reference.geometry, moving.geometry, "the first mask", "the second mask")
    start = centroid_lps_mm(reference) - centroid_lps_mm(moving)
    small_moving = _soft(moving, 0.0)
    small_reference = _soft(reference, _SEARCH_MARGIN_MM)

    image = to_image(small_moving.array_zyx, small_moving.geometry)
    ml = [float(m.array_zyx.sum()) * m.geometry.voxel_volume_ml for m in (small_reference, small_moving)]
    total = sum(ml) / small_reference.geometry.voxel_volume_ml

    def lost(offset: np.ndarray) -> float:
        shift = sitk.TranslationTransform(3, [-float(v) for v in offset])
        shifted = resample_image(image, small_reference.geometry, shift, sitk.sitkLinear)
        return -2 * float(np.minimum(small_reference.array_zyx, shifted).sum()) / total

    simplex = np.vstack([start, start + _STEP_MM * np.eye(3)])
    best = minimize(
        lost, start, method="Nelder-Mead", options={"initial_simplex": simplex, "xatol": _TOLERANCE_MM, "fatol": 1e-4}
    )
    offset: Offset = tuple(float(v) for v in best.x)  # type: ignore[assignment]
    dice_before = _dice(reference, moving, NO_OFFSET)
    dice = _dice(reference, moving, offset)
    far = float(np.linalg.norm(offset)) > VISIBLE_SHIFT_MM
    warning = (
        _sentence("The PET contour", offset, f"; Dice {dice_before:.2f} without and {dice:.2f} with it")
        if far
        else None
    )
    return FoundOffset(offset_lps_mm=offset, method="contours", dice=dice, dice_before=dice_before, warning=warning)


def body_offset(ct: Volume, pet: Volume) -> FoundOffset:
    """The translation of the PET that shares most information (Mattes) with the CT; a coarse check for large shifts.

    Raises GeometryMismatch where CT and PET share too few slices, FrameOfReferenceMismatch.
    """
    check_same_frame(ct.geometry, pet.geometry, "the CT", "the PET")
    near = _overlap(pet, ct)
    # The logarithm keeps bladder and heart from outweighing the body's outline.
    fixed = to_image(np.log1p(np.clip(near.array_zyx, 0, None)).astype(np.float32), near.geometry)
    moving = to_image(np.clip(ct.array_zyx, *_BODY_HU_RANGE).astype(np.float32), ct.geometry)
    method = sitk.ImageRegistrationMethod()
    method.SetMetricAsMattesMutualInformation(32)
    method.SetMetricSamplingStrategy(method.NONE)
    method.SetInterpolator(sitk.sitkLinear)
    method.SetOptimizerAsRegularStepGradientDescent(4.0, _TOLERANCE_MM, 60)
    method.SetOptimizerScalesFromPhysicalShift()
    method.SetInitialTransform(sitk.TranslationTransform(3), False)
    method.SetShrinkFactorsPerLevel([2, 1])
    method.SetSmoothingSigmasPerLevel([6.0, 3.0])
    method.SmoothingSigmasAreSpecifiedInPhysicalUnitsOn()
    try:
        offset: Offset = method.Execute(fixed, moving).GetParameters()
    except RuntimeError as error:
        raise GeometryMismatch(
            "CT and PET overlap too little to be compared: check that they are of one examination."
        ) from error
    far = float(np.linalg.norm(offset)) > VISIBLE_BODY_SHIFT_MM
    return FoundOffset(offset_lps_mm=offset, method="body", warning=_sentence("The PET", offset, "") if far else None)


def roi_in_air_fraction(mask: Volume, ct: Volume) -> float:
    """The share of a mask, on any grid, whose voxels on the CT are air. Raises EmptyMask where it does not meet the
    CT.
    """
    on_ct, _ = resample_to(mask, ct.geometry, interpolation="nearest")
    inside = on_ct.array_zyx > 0
    if not inside.any():
        raise EmptyMask("The region does not meet the CT: choose another region or the CT of the same examination.")
    return float(np.mean(ct.array_zyx[inside] < AIR_HU))


def air_warning(mask: Volume, ct: Volume) -> str | None:
    """A sentence where so much of a region is air on the CT that it cannot lie where it was drawn."""
    fraction = roi_in_air_fraction(mask, ct)
    if fraction <= LARGEST_AIR_FRACTION:
        return None
    return (
        f"{fraction:.0%} of the region is air on the CT: PET and CT may be shifted against each other, "
        "so check the fusion."
    )


def _soft(mask: Volume, margin_mm: float) -> Volume:
    """The mask as float about its voxels: linear resampling of it makes Dice a smooth function of the offset."""
    margin = tuple(int(np.ceil(margin_mm / s)) + 1 for s in mask.geometry.spacing_mm[::-1])
    box = mask_box(mask.array_zyx, margin)  # type: ignore[arg-type]
    return crop(mask.with_array((mask.array_zyx > 0).astype(np.float32)), box)


def _dice(reference: Volume, moving: Volume, offset: Offset) -> float:
    shifted, _ = resample_to(moving, reference.geometry, interpolation="nearest", offset_lps_mm=offset)
    a, b = reference.array_zyx > 0, shifted.array_zyx > 0
    return 2 * float((a & b).sum()) / float(a.sum() + b.sum())


def _overlap(pet: Volume, ct: Volume) -> Volume:
    """The PET's slices, rows and columns that lie in the CT's box."""
    size = np.array(ct.geometry.size_xyz) - 1
    corners = np.array([[x, y, z] for x in (0, size[0]) for y in (0, size[1]) for z in (0, size[2])], dtype=float)
    index = lps_to_index(pet.geometry, index_to_lps(ct.geometry, corners))
    first = np.clip(np.floor(index.min(axis=0)).astype(int), 0, None)
    last = np.minimum(np.ceil(index.max(axis=0)).astype(int) + 1, pet.geometry.size_xyz)
    if np.any(last - first < _FEWEST_SLICES):
        raise GeometryMismatch("CT and PET overlap too little to be compared: check that they are of one examination.")
    return crop(pet, tuple(slice(int(a), int(b)) for a, b in zip(first[::-1], last[::-1], strict=True)))  # type: ignore[arg-type]


def _sentence(what: str, offset: Offset, more: str) -> str:
    x, y, z = offset
    return (
        f"{what} lies {np.linalg.norm(offset):.1f} mm off the CT (a shift by {x:+.1f}, {y:+.1f}, {z:+.1f} mm in x, "
        "y, z LPS would "
        f"lay it on the CT{more}): check the fusion and set an offset."
    )
