"""The regular grid of a stack of planes, or the sentence that says why the stack has none."""

import numpy as np

from worker.compute.dicom_planes import Plane, name_of
from worker.compute.errors import GeometryMismatch
from worker.compute.types import Geometry

# Two slices closer than this lie in one place: no scanner moves its table by less.
_SAME_POSITION_MM = 0.01
# A gap of one and a half usual gaps holds a slice that is not there.
_MISSING_SLICE_RATIO = 1.5
# Below this, uneven positions are the rounding of decimal strings and not worth a warning.
_SILENT_DEVIATION_MM = 0.01
# Slices may stray from the regular grid by less than half a voxel: each then lies nearest to its own place.
_LARGEST_DEVIATION_VOXELS = 0.5
# A sheared stack drifts sideways; half a degree is one 1 mm pixel over 115 mm.
_LARGEST_SHEAR_DEGREES = 0.5


def order_planes(planes: list[Plane]) -> list[Plane]:
    """The planes along their normal, so that z grows with the index; file names and instance numbers are not asked."""
    normal = planes[0].normal_lps
    return sorted(planes, key=lambda plane: float(plane.position_lps_mm @ normal))


def regular_grid(planes: list[Plane], frame_of_reference_uid: str) -> tuple[Geometry, tuple[str, ...]]:
    """The grid of ordered planes and its warnings.

    Small unevenness is accepted, with the largest deviation in a warning: the spacing is then the mean one. Raises
    GeometryMismatch for two slices in one place, a missing slice, uneven spacing and a stack sheared by a tilted
    gantry.
    """
    first = planes[0]
    _check_alike(planes)
    if len(planes) == 1:
        spacing_z, warnings = _single_slice(first)
    else:
        _check_shear(planes)
        spacing_z, warnings = _even_spacing(np.array([plane.position_lps_mm @ first.normal_lps for plane in planes]))
    direction = np.column_stack([first.row_lps, first.column_lps, first.normal_lps])
    geometry = Geometry(
        size_xyz=(*first.size_xy, len(planes)),
        spacing_mm=(*first.spacing_xy_mm, spacing_z),
        origin_lps_mm=tuple(float(p) for p in first.position_lps_mm),  # type: ignore[arg-type]
        direction=tuple(float(d) + 0.0 for d in direction.ravel()),
        frame_of_reference_uid=frame_of_reference_uid,
    )
    return geometry, warnings


def _check_alike(planes: list[Plane]) -> None:
    first = planes[0]
    for plane in planes[1:]:
        alike = plane.size_xy == first.size_xy and np.allclose(plane.spacing_xy_mm, first.spacing_xy_mm, atol=1e-3)
        if not alike or plane.normal_lps @ first.normal_lps < np.cos(np.radians(_LARGEST_SHEAR_DEGREES)):
            raise GeometryMismatch(
                f"{name_of(plane.dataset)} differs from {name_of(first.dataset)} in size, pixel spacing or "
                "orientation: "
                "keep the images of one stack in the series."
            )


def _single_slice(plane: Plane) -> tuple[float, tuple[str, ...]]:
    tilt = float(plane.dataset.get("GantryDetectorTilt") or 0)
    if abs(tilt) > _LARGEST_SHEAR_DEGREES:
        raise GeometryMismatch(_tilted(abs(tilt)))
    if plane.thickness_mm is None:
        raise GeometryMismatch(f"{name_of(plane.dataset)} is one slice without a thickness: give the whole series.")
    return plane.thickness_mm, (
        f"The series is one slice; its thickness of {plane.thickness_mm:g} mm is taken as spacing.",
    )


def _check_shear(planes: list[Plane]) -> None:
    way = planes[-1].position_lps_mm - planes[0].position_lps_mm
    along = float(way @ planes[0].normal_lps)
    sideways = float(np.linalg.norm(way - along * planes[0].normal_lps))
    degrees = float(np.degrees(np.arctan2(sideways, abs(along))))
    if abs(along) > _SAME_POSITION_MM and degrees > _LARGEST_SHEAR_DEGREES:
        raise GeometryMismatch(_tilted(degrees))


def _tilted(degrees: float) -> str:
    return (
        f"The slices are sheared by {degrees:.1f} degrees (a tilted gantry), which no regular grid can hold: "
        "straighten the series before the import (gantry tilt correction)."
    )


def _even_spacing(distances_mm: np.ndarray) -> tuple[float, tuple[str, ...]]:
    gaps_mm = np.diff(distances_mm)
    # The lower of two middle gaps: of three slices with one missing between, the narrow gap is the true one.
    usual_mm = float(np.sort(gaps_mm)[(len(gaps_mm) - 1) // 2])
    narrow = int(np.argmin(gaps_mm))
    if gaps_mm[narrow] < _SAME_POSITION_MM:
        raise GeometryMismatch(
            f"Two different images lie at {distances_mm[narrow]:.2f} mm along the slice normal: the series holds "
            "several time "
            "points, phases or reconstructions, so give one of them."
        )
    wide = int(np.argmax(gaps_mm))
    if gaps_mm[wide] > _MISSING_SLICE_RATIO * usual_mm:
        raise GeometryMismatch(
            f"A slice is missing between {distances_mm[wide]:.2f} and {distances_mm[wide + 1]:.2f} mm along the "
            "slice normal "
            f"(the usual gap is {usual_mm:.2f} mm): send the whole series again."
        )
    regular_mm = np.linspace(distances_mm[0], distances_mm[-1], len(distances_mm))
    spacing_mm = float((distances_mm[-1] - distances_mm[0]) / (len(distances_mm) - 1))
    deviation_mm = float(np.abs(distances_mm - regular_mm).max())
    if deviation_mm >= _LARGEST_DEVIATION_VOXELS * spacing_mm:
        raise GeometryMismatch(
            f"The slices are unevenly spaced, {gaps_mm.min():.2f} to {gaps_mm.max():.2f} mm, and stray up to "
            f"{deviation_mm:.2f} mm "
            "from a regular grid: give a reconstruction with one slice spacing."
        )
    if deviation_mm <= _SILENT_DEVIATION_MM:
        return spacing_mm, ()
    sentence = (
        f"Slice gaps vary from {gaps_mm.min():.2f} to {gaps_mm.max():.2f} mm; a regular grid of {spacing_mm:.4f} mm "
        "is used, "
        f"from which no slice strays by more than {deviation_mm:.2f} mm."
    )
    return spacing_mm, (sentence,)
