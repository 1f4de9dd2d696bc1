"""The values that compute functions take and return: frozen records, units and frames in their names."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np

# A slice position written with DICOM's 16-character decimal strings carries rounding below this.
GRID_TOLERANCE_MM = 1e-3

ProgressCallback = Callable[[float, str], None]
"""Called with a fraction in 0..1 and the step in words; it may raise RunCancelled to stop the work."""


def ignore_progress(fraction: float, step: str) -> None:
    """The ProgressCallback of a caller who does not watch."""


@dataclass(frozen=True, kw_only=True)
class Geometry:
    """A regular voxel grid in the patient's LPS frame (DICOM PS3.3 C.7.6.2), axes in x, y, z order.

    ``direction`` is row-major 3 x 3; its columns are the unit vectors of the x, y and z index axes (ITK's convention).
    ``origin_lps_mm`` is the centre of voxel (0, 0, 0).
    """

    size_xyz: tuple[int, int, int]
    spacing_mm: tuple[float, float, float]
    origin_lps_mm: tuple[float, float, float]
    direction: tuple[float, ...] = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0)
    frame_of_reference_uid: str = ""

    @property
    def shape_zyx(self) -> tuple[int, int, int]:
        x, y, z = self.size_xyz
        return (z, y, x)

    @property
    def voxel_volume_ml(self) -> float:
        x, y, z = self.spacing_mm
        return x * y * z / 1000.0

    def same_grid(self, other: "Geometry", tolerance_mm: float = GRID_TOLERANCE_MM) -> bool:
        """Whether both grids have the same voxels at the same places, whatever their frames of reference are called."""
        return self.size_xyz == other.size_xyz and all(
            np.allclose(getattr(self, name), getattr(other, name), rtol=0, atol=tolerance_mm)
            for name in ("spacing_mm", "origin_lps_mm", "direction")
        )

    def describe(self) -> str:
        """One line for an error message: size, spacing and origin with units."""
        size = " x ".join(str(n) for n in self.size_xyz)
        spacing = " x ".join(f"{s:.3f}" for s in self.spacing_mm)
        origin = ", ".join(f"{o:.2f}" for o in self.origin_lps_mm)
        return f"{size} voxels of {spacing} mm at ({origin}) mm LPS"

    def to_json(self) -> dict:
        return {
            "size_xyz": list(self.size_xyz),
            "spacing_mm": list(self.spacing_mm),
            "origin_lps_mm": list(self.origin_lps_mm),
            "direction": list(self.direction),
            "frame_of_reference_uid": self.frame_of_reference_uid,
        }

    @classmethod
    def from_json(cls, value: dict) -> "Geometry":
        return cls(
            size_xyz=tuple(int(n) for n in value["size_xyz"]),
            spacing_mm=tuple(float(s) for s in value["spacing_mm"]),
            origin_lps_mm=tuple(float(o) for o in value["origin_lps_mm"]),
            direction=tuple(float(d) for d in value["direction"]),
            frame_of_reference_uid=value.get("frame_of_reference_uid", ""),
        )


@dataclass(frozen=True, kw_only=True, eq=False)
class Volume:
    """Voxels with their grid. ``array_zyx`` has ``geometry.shape_zyx``; ``unit`` is HU, SUVbw, BQML, CNTS or label."""

    array_zyx: np.ndarray
    geometry: Geometry
    unit: str = ""
    metadata: dict = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.array_zyx.shape != self.geometry.shape_zyx:
            raise ValueError(f"array {self.array_zyx.shape} does not fit grid {self.geometry.shape_zyx} (z, y, x)")

    def with_array(self, array_zyx: np.ndarray, unit: str | None = None) -> "Volume":
        return replace(self, array_zyx=array_zyx, unit=self.unit if unit is None else unit)
