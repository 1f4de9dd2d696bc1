"""Paint ellipsoids and tubes, given in millimetres, into a label array on any axis-aligned grid."""

from collections.abc import Collection
from dataclasses import dataclass, field

import numpy as np

from worker.compute.phantoms.fields import SmoothField, axes_mm
from worker.compute.phantoms.tissues import Tissue
from worker.compute.types import Geometry


@dataclass(frozen=True, kw_only=True)
class Ellipsoid:
    """A solid with half axes in mm; ``lobulation`` bends its surface by that share of the radius.

    ``only_over`` limits it to voxels of those tissues; with ``shell_mm`` only that outer layer is painted.
    """

    tissue: Tissue
    centre_lps_mm: tuple[float, float, float]
    half_axes_mm: tuple[float, float, float]
    only_over: frozenset[Tissue] = frozenset()
    shell_mm: float = 0.0
    lobulation: float = 0.0
    seed: int = 0

    def bounds(self) -> list[tuple[float, float]]:
        """x, y and z limits in mm, the lobulation included."""
        reach = 1 + 3 * self.lobulation
        return [(c - h * reach, c + h * reach) for c, h in zip(self.centre_lps_mm, self.half_axes_mm, strict=True)]

    def inside(self, z: np.ndarray, y: np.ndarray, x: np.ndarray) -> np.ndarray:
        """Which points of the axes' outer product are inside (z, y, x)."""
        offsets = [(a - c) for a, c in zip((x, y, z), self.centre_lps_mm, strict=True)]
        radius = _norm(offsets, self.half_axes_mm)
        if self.lobulation:
            radius = radius + self.lobulation * SmoothField(self.seed, min(self.half_axes_mm) * 0.9).sample((z, y, x))
        if not self.shell_mm:
            return radius < 1
        return (radius < 1) & (_norm(offsets, [half - self.shell_mm for half in self.half_axes_mm]) >= 1)


@dataclass(frozen=True, kw_only=True)
class Tube:
    """A cylinder with round ends between two points."""

    tissue: Tissue
    start_lps_mm: tuple[float, float, float]
    end_lps_mm: tuple[float, float, float]
    radius_mm: float
    only_over: frozenset[Tissue] = frozenset()

    def bounds(self) -> list[tuple[float, float]]:
        ends = zip(self.start_lps_mm, self.end_lps_mm, strict=True)
        return [(min(pair) - self.radius_mm, max(pair) + self.radius_mm) for pair in ends]

    def inside(self, z: np.ndarray, y: np.ndarray, x: np.ndarray) -> np.ndarray:
        start, end = np.array(self.start_lps_mm), np.array(self.end_lps_mm)
        along = (end - start) / max(float((end - start) @ (end - start)), 1e-6)
        dx, dy, dz = x[None, None, :] - start[0], y[None, :, None] - start[1], z[:, None, None] - start[2]
        t = np.clip(dx * along[0] + dy * along[1] + dz * along[2], 0, 1)
        step = end - start
        distance2 = (dx - t * step[0]) ** 2 + (dy - t * step[1]) ** 2 + (dz - t * step[2]) ** 2
        return distance2 < self.radius_mm**2


Solid = Ellipsoid | Tube


@dataclass
class Canvas:
    """A label array on one grid, painted solid by solid."""

    geometry: Geometry
    labels_zyx: np.ndarray = field(init=False)

    def __post_init__(self) -> None:
        self.labels_zyx = np.zeros(self.geometry.shape_zyx, dtype=np.uint8)
        self.z, self.y, self.x = axes_mm(self.geometry)

    def paint(self, solid: Solid) -> None:
        """Sets the solid's tissue in its bounding box, where it may."""
        box, inside = self.rasterise(solid)
        if inside is not None:
            view = self.labels_zyx[box]
            view[inside & self._allowed(view, solid.only_over)] = solid.tissue

    def rasterise(self, solid: Solid) -> tuple[tuple[slice, slice, slice], np.ndarray | None]:
        """The bounding box on this grid and which of its voxels the solid holds; None outside the grid."""
        limits = solid.bounds()
        box = tuple(
            slice(*np.searchsorted(axis, limit))
            for axis, limit in zip((self.z, self.y, self.x), limits[::-1], strict=True)
        )
        axes = [axis[part] for axis, part in zip((self.z, self.y, self.x), box, strict=True)]
        return box, (solid.inside(*axes) if all(axis.size for axis in axes) else None)

    @staticmethod
    def _allowed(view: np.ndarray, tissues: Collection[Tissue]) -> np.ndarray | bool:
        return np.isin(view, list(tissues)) if tissues else True


def _norm(offsets: list[np.ndarray], half_axes_mm) -> np.ndarray:
    x, y, z = (offset / half for offset, half in zip(offsets, half_axes_mm, strict=True))
    return np.sqrt(x[None, None, :] ** 2 + y[None, :, None] ** 2 + z[:, None, None] ** 2).astype(np.float32)
