"""Where voxels lie: index and patient coordinates, agreement of grids and frames, boxes and crops."""

import numpy as np

from worker.compute.errors import EmptyMask, FrameOfReferenceMismatch, GeometryMismatch
from worker.compute.types import Geometry, Volume

Box = tuple[slice, slice, slice]
"""Slices of the z, y and x axes of an array."""


def index_to_lps_matrix(geometry: Geometry) -> np.ndarray:
    """The 3 x 3 matrix whose columns are the steps in mm (LPS) from one voxel to the next along x, y and z."""
    return np.asarray(geometry.direction, dtype=float).reshape(3, 3) @ np.diag(geometry.spacing_mm)


def index_to_lps(geometry: Geometry, index_xyz: np.ndarray) -> np.ndarray:
    """Patient coordinates in mm (LPS) of continuous voxel indices, shape (..., 3) in x, y, z order."""
    return np.asarray(index_xyz, dtype=float) @ index_to_lps_matrix(geometry).T + np.asarray(geometry.origin_lps_mm)


def lps_to_index(geometry: Geometry, points_lps_mm: np.ndarray) -> np.ndarray:
    """Continuous voxel indices (x, y, z) of points in mm (LPS), shape (..., 3)."""
    steps = np.asarray(points_lps_mm, dtype=float) - np.asarray(geometry.origin_lps_mm)
    return steps @ np.linalg.inv(index_to_lps_matrix(geometry)).T


def centroid_lps_mm(mask: Volume) -> np.ndarray:
    """The centre of mass of a mask in mm (LPS). Raises EmptyMask."""
    indices_zyx = np.argwhere(mask.array_zyx)
    if not len(indices_zyx):
        raise EmptyMask("The mask has no voxel, so it has no centre: draw or choose another region.")
    return index_to_lps(mask.geometry, indices_zyx.mean(axis=0)[::-1])


def check_same_grid(a: Geometry, b: Geometry, name_a: str = "the first volume", name_b: str = "the second") -> None:
    """Raises GeometryMismatch, naming both grids, unless every voxel of one lies on the same voxel of the other."""
    if not a.same_grid(b):
        raise GeometryMismatch(
            f"{_capital(name_a)} ({a.describe()}) and {name_b} ({b.describe()}) lie on different grids: "
            "resample one onto the other first."
        )


def check_same_frame(a: Geometry, b: Geometry, name_a: str = "the first volume", name_b: str = "the second") -> None:
    """Raises FrameOfReferenceMismatch where both say their FrameOfReferenceUID and differ (DICOM PS3.3 C.7.4.1).

    A NIfTI file of another program carries no frame of reference; its coordinates are taken at their word.
    """
    frame_a, frame_b = a.frame_of_reference_uid, b.frame_of_reference_uid
    if frame_a and frame_b and frame_a != frame_b:
        raise FrameOfReferenceMismatch(
            f"{_capital(name_a)} (frame of reference {frame_a}) and {name_b} (frame of reference {frame_b}) have no "
            "common "
            "patient coordinates: choose series of one examination, or register them and export them again."
        )


def mask_box(mask_zyx: np.ndarray, margin_zyx: tuple[int, int, int] = (0, 0, 0)) -> Box:
    """The smallest box that holds every non-zero voxel, grown by a margin and cut at the array's edge. Raises
    EmptyMask.
    """
    slices = []
    for axis, margin in enumerate(margin_zyx):
        others = tuple(other for other in range(3) if other != axis)
        occupied = np.flatnonzero(np.any(mask_zyx, axis=others))
        if not len(occupied):
            raise EmptyMask("The mask has no voxel: draw or choose another region.")
        slices.append(slice(max(int(occupied[0]) - margin, 0), int(occupied[-1]) + 1 + margin))
    return tuple(slice(s.start, min(s.stop, n)) for s, n in zip(slices, mask_zyx.shape, strict=True))  # type: ignore[return-value]


def crop(volume: Volume, box_zyx: Box) -> Volume:
    """The part of a volume inside a box; its origin moves, so that every voxel keeps its place in the patient."""
    z, y, x = (s.indices(n) for s, n in zip(box_zyx, volume.array_zyx.shape, strict=True))
    geometry = _moved(volume.geometry, (x[0], y[0], z[0]), (x[1] - x[0], y[1] - y[0], z[1] - z[0]))
    return Volume(array_zyx=volume.array_zyx[box_zyx], geometry=geometry, unit=volume.unit, metadata=volume.metadata)


def crop_or_pad_about_centre(volume: Volume, size_xy: tuple[int, int], *, pad_value: float | None = None) -> Volume:
    """The volume with ``size_xy`` columns and rows about the image centre, the origin moved with them.

    A larger axis is cropped (the paper crops to 512 x 512). A smaller one is left as it is, unless ``pad_value`` says
    what to pad with. Where the difference is odd, the side of the higher index loses or gains the extra voxel.
    """
    size = volume.geometry.size_xyz
    wanted = [want if pad_value is not None else min(want, have) for want, have in zip(size_xy, size[:2], strict=True)]
    first = [
        (have - want) // 2 if have >= want else -((want - have) // 2)
        for want, have in zip(wanted, size[:2], strict=True)
    ]
    cropped = crop(volume, (slice(None), _inside(first[1], wanted[1], size[1]), _inside(first[0], wanted[0], size[0])))
    before = [max(-start, 0) for start in first]
    after = [want - lead - have for want, lead, have in zip(wanted, before, cropped.geometry.size_xyz[:2], strict=True)]
    if not any(before + after):
        return cropped
    padding = ((0, 0), (before[1], after[1]), (before[0], after[0]))
    array_zyx = np.pad(cropped.array_zyx, padding, constant_values=pad_value)  # type: ignore[arg-type]
    geometry = _moved(cropped.geometry, (-before[0], -before[1], 0), (wanted[0], wanted[1], size[2]))
    return Volume(array_zyx=array_zyx, geometry=geometry, unit=volume.unit, metadata=volume.metadata)


def _inside(first: int, wanted: int, available: int) -> slice:
    return slice(max(first, 0), min(first + wanted, available))


def _moved(geometry: Geometry, first_index_xyz: tuple[int, int, int], size_xyz: tuple[int, int, int]) -> Geometry:
    origin = index_to_lps(geometry, np.asarray(first_index_xyz))
    return Geometry(
        size_xyz=size_xyz,
        spacing_mm=geometry.spacing_mm,
        origin_lps_mm=tuple(float(o) for o in origin),  # type: ignore[arg-type]
        direction=geometry.direction,
        frame_of_reference_uid=geometry.frame_of_reference_uid,
    )


def _capital(name: str) -> str:
    return name[:1].upper() + name[1:]
