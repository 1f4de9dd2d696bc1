"""Contours to voxels by position: their coordinates tell the slice, never the image that they name."""

import numpy as np
from skimage.draw import polygon

from worker.compute.errors import EmptyMask, GeometryMismatch
from worker.compute.geometry import lps_to_index
from worker.compute.roi_contours import ContourRoi
from worker.compute.types import Geometry

# A contour is one slice's if it stays within this many slices; beyond, it was drawn on tilted planes.
_LARGEST_TILT_SLICES = 0.5
_SAME_PLANE_SLICES = 0.02
# A gap between contour planes up to one and a half usual gaps belongs to the region.
_CONTIGUOUS_RATIO = 1.5
# Moves an edge off the voxel centres that it runs through: left and upper edges count, right and lower do not.
_EDGE_SHIFT = 1e-7

Plane = tuple[float, list[np.ndarray]]


def rasterise_contours(roi: ContourRoi, reference: Geometry) -> tuple[np.ndarray, tuple[str, ...]]:
    """0/1 voxels (z, y, x) whose centres lie inside the contours, even-odd (an inner contour is a hole), and warnings.

    Each contour plane stands for the slab half-way to its neighbours, so contours between two slices go to the
    nearest and a finer grid has no gaps. Raises GeometryMismatch for contours on tilted planes or wholly outside the
    grid, EmptyMask where no voxel centre is inside.
    """
    if not roi.contours_lps_mm:
        raise EmptyMask(f"The region '{roi.name}' has no closed contour: choose another region.")
    planes = _planes(roi, reference)
    slices = reference.size_xyz[2]
    plane_of_slice = _plane_of_slice(np.array([position for position, _ in planes]), slices)
    array_zyx = np.zeros(reference.shape_zyx, dtype=np.uint8)
    for z in np.flatnonzero(plane_of_slice >= 0):
        array_zyx[z] = _fill(planes[plane_of_slice[z]][1], reference)
    if not array_zyx.any():
        raise _nothing_inside(roi, planes, reference)
    return array_zyx, _warnings(roi, planes, reference)


def _planes(roi: ContourRoi, reference: Geometry) -> list[Plane]:
    """Contours in continuous voxel indices (x, y), grouped by their continuous slice index, in order."""
    planes: list[Plane] = []
    for contour in sorted(
        (lps_to_index(reference, c) for c in roi.contours_lps_mm), key=lambda c: float(c[:, 2].mean())
    ):
        if np.ptp(contour[:, 2]) > _LARGEST_TILT_SLICES:
            raise GeometryMismatch(
                f"The contours of '{roi.name}' lie on planes that are tilted against the slices of the series: "
                "give the series that they were drawn on."
            )
        position = float(contour[:, 2].mean())
        if planes and position - planes[-1][0] < _SAME_PLANE_SLICES:
            planes[-1][1].append(contour[:, :2])
        else:
            planes.append((position, [contour[:, :2]]))
    return planes


def _plane_of_slice(positions: np.ndarray, slices: int) -> np.ndarray:
    """For each slice the index of the contour plane that stands for it, or -1."""
    usual = _usual_gap(np.diff(positions)) if len(positions) > 1 else 1.0
    chosen = _nearest_plane(positions, slices, usual)
    # Thin regions between two slices of a coarse grid go to the nearest slice instead of being lost.
    return chosen if (chosen >= 0).any() else _nearest_plane(positions, slices, max(usual, 1.0))


def _usual_gap(gaps: np.ndarray) -> float:
    """The lower of two middle gaps: of three planes with slices left out between two, the narrow gap is the true."""
    return float(np.sort(gaps)[(len(gaps) - 1) // 2])


def _nearest_plane(positions: np.ndarray, slices: int, usual: float) -> np.ndarray:
    index = np.arange(slices, dtype=float)
    above = np.clip(np.searchsorted(positions, index), 0, len(positions) - 1)
    below = np.clip(above - 1, 0, None)
    nearest = np.where(index - positions[below] <= positions[above] - index, below, above)
    distance = index - positions[nearest]
    in_slab = (distance >= -usual / 2) & (distance < usual / 2)
    between = (positions[below] <= index) & (index <= positions[above])
    contiguous = between & (positions[above] - positions[below] <= _CONTIGUOUS_RATIO * usual)
    return np.where(in_slab | contiguous, nearest, -1)


def _fill(polygons_xy: list[np.ndarray], reference: Geometry) -> np.ndarray:
    filled = np.zeros(reference.shape_zyx[1:], dtype=np.uint8)
    for points in polygons_xy:
        rows, columns = polygon(points[:, 1] - _EDGE_SHIFT, points[:, 0] - _EDGE_SHIFT, shape=filled.shape)
        filled[rows, columns] ^= 1
    return filled


def _outside(planes: list[Plane], reference: Geometry) -> tuple[int, int]:
    """Contours on no slice of the grid, and contours cut by the image's edge."""
    size = np.array(reference.size_xyz)
    beyond = sum(len(polygons) for position, polygons in planes if not -0.5 <= position <= size[2] - 0.5)
    cut = sum(
        bool(np.any((points < -0.5) | (points > size[:2] - 0.5)))
        for position, polygons in planes
        if -0.5 <= position <= size[2] - 0.5
        for points in polygons
    )
    return beyond, cut


def _nothing_inside(roi: ContourRoi, planes: list[Plane], reference: Geometry) -> Exception:
    beyond, cut = _outside(planes, reference)
    if beyond + cut == len(roi.contours_lps_mm):
        return GeometryMismatch(
            f"The region '{roi.name}' lies outside the series ({reference.describe()}): give the series that it was "
            "drawn on."
        )
    return EmptyMask(
        f"The region '{roi.name}' is smaller than a voxel of the series: choose a larger region or a finer series."
    )


def _warnings(roi: ContourRoi, planes: list[Plane], reference: Geometry) -> tuple[str, ...]:
    count = len(roi.contours_lps_mm)
    beyond, cut = _outside(planes, reference)
    gaps = np.diff([position for position, _ in planes])
    noticed = []
    if beyond:
        noticed.append(f"{beyond} of {count} contours of '{roi.name}' lie on no slice of the series and were left out.")
    if cut:
        noticed.append(f"{cut} of {count} contours of '{roi.name}' reach beyond the image's edge and were cut there.")
    if len(gaps) and gaps.max() > _CONTIGUOUS_RATIO * _usual_gap(gaps):
        noticed.append(f"'{roi.name}' has slices without a contour between others; they were left empty.")
    if roi.skipped:
        noticed.append(f"{roi.skipped} contours of '{roi.name}' enclose no area or repeat another and were left out.")
    return tuple(noticed)
