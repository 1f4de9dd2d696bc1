"""Smooth random fields over the patient, the same at every place whatever grid they are sampled on."""

from dataclasses import dataclass

import numpy as np

from worker.compute.types import Geometry

REACH_MM = 1000.0


@dataclass(frozen=True)
class SmoothField:
    """Random values on a lattice, linearly interpolated: mean 0, standard deviation about 1."""

    seed: int
    lattice_mm: float

    def sample(self, axes_zyx_mm: tuple[np.ndarray, np.ndarray, np.ndarray]) -> np.ndarray:
        """Values (z, y, x) at the outer product of three coordinate axes in mm (float32)."""
        knots = int(REACH_MM / self.lattice_mm) + 2
        values = np.random.default_rng((self.seed, 3)).normal(size=(knots, knots, knots)).astype(np.float32)
        for axis, positions_mm in enumerate(axes_zyx_mm):
            values = self._interpolate(values, axis, positions_mm)
        # Linear interpolation lowers the variance to (2/3)^3 of the lattice's on average.
        return values * np.float32(1.5**1.5)

    def _interpolate(self, values: np.ndarray, axis: int, positions_mm: np.ndarray) -> np.ndarray:
        places = np.clip((positions_mm + REACH_MM / 2) / self.lattice_mm, 0, values.shape[axis] - 1.001)
        below = places.astype(int)
        weight_shape = [1, 1, 1]
        weight_shape[axis] = -1
        weight = (places - below).astype(np.float32).reshape(weight_shape)
        return values.take(below, axis=axis) * (1 - weight) + values.take(below + 1, axis=axis) * weight


def axes_mm(geometry: Geometry) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The z, y and x coordinates (LPS mm) of an axis-aligned grid's voxel centres."""
    x, y, z = (
        origin + spacing * np.arange(size)
        for origin, spacing, size in zip(geometry.origin_lps_mm, geometry.spacing_mm, geometry.size_xyz, strict=True)
    )
    return z, y, x
