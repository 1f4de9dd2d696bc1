"""Boxes around a region, and how far around it each filter must see for the whole image's values (arrays z, y, x)."""

import math
from dataclasses import dataclass

import numpy as np

from worker.compute.types import Geometry

# ITK's gradient takes central differences.
GRADIENT_PAD_VOXELS = 1

# coif1 has six taps. The wavelet's own wrap at the crop's edge reaches at most so far inwards.
WAVELET_PAD_VOXELS = 6

# The cubic spline's pole is sqrt(3) - 2: after 48 voxels 1e-27 of a value is left, so that even the ties that LBP3D
# decides in regions of equal values fall as they do in the whole image.
LBP3D_PAD_VOXELS = 48

# The recursive Gaussian forgets by about exp(-1.7 x / sigma): 20 sigma leave 1e-15, so that not even a rounding differs
LOG_PAD_SIGMAS = 20


@dataclass(frozen=True)
class Box:
    """A half-open box of voxel indices, ``start_zyx`` included, ``stop_zyx`` not."""

    start_zyx: tuple[int, ...]
    stop_zyx: tuple[int, ...]

    @property
    def shape_zyx(self) -> tuple[int, ...]:
        return tuple(stop - start for start, stop in zip(self.start_zyx, self.stop_zyx, strict=True))

    def slices(self) -> tuple[slice, ...]:
        return tuple(slice(start, stop) for start, stop in zip(self.start_zyx, self.stop_zyx, strict=True))

    def padded(self, pad_zyx: tuple[int, ...]) -> "Box":
        """Grown on every side, past the volume's edges if need be."""
        return Box(
            tuple(start - pad for start, pad in zip(self.start_zyx, pad_zyx, strict=True)),
            tuple(stop + pad for stop, pad in zip(self.stop_zyx, pad_zyx, strict=True)),
        )

    def clipped(self, shape_zyx: tuple[int, ...]) -> "Box":
        """Cut at the edges of a volume of this shape."""
        return Box(
            tuple(max(start, 0) for start in self.start_zyx),
            tuple(min(stop, size) for stop, size in zip(self.stop_zyx, shape_zyx, strict=True)),
        )

    def within(self, outer: "Box") -> "Box":
        """The same box in the indices of ``outer``'s array."""
        return Box(
            tuple(start - origin for start, origin in zip(self.start_zyx, outer.start_zyx, strict=True)),
            tuple(stop - origin for stop, origin in zip(self.stop_zyx, outer.start_zyx, strict=True)),
        )


def bounding_box(mask_zyx: np.ndarray) -> Box:
    """The smallest box that holds every True voxel; the mask must have one."""
    spans = []
    for axis in range(mask_zyx.ndim):
        others = tuple(other for other in range(mask_zyx.ndim) if other != axis)
        occupied = np.flatnonzero(mask_zyx.any(axis=others))
        spans.append((int(occupied[0]), int(occupied[-1]) + 1))
    return Box(tuple(start for start, _ in spans), tuple(stop for _, stop in spans))


def pad_of_mm(pad_mm: float, geometry: Geometry) -> tuple[int, ...]:
    """A distance as whole voxels per axis (z, y, x), rounded up."""
    return tuple(math.ceil(pad_mm / spacing) for spacing in reversed(geometry.spacing_mm))


def periodic_crop(array_zyx: np.ndarray, box: Box, pad: int) -> tuple[np.ndarray, Box]:
    """The box with ``pad`` voxels around it for a filter that repeats the volume periodically; the box in the crop.

    Near an edge the crop keeps both ends of the axis, so that the filter meets the volume's own seam at the same place
    and rounds as it does there; the cut between them lies ``pad`` voxels away from the box.
    """
    indices = [
        _periodic_indices(start, stop, size, pad)
        for start, stop, size in zip(box.start_zyx, box.stop_zyx, array_zyx.shape, strict=True)
    ]
    start = tuple(int(np.searchsorted(index, begin)) for index, begin in zip(indices, box.start_zyx, strict=True))
    stop = tuple(begin + size for begin, size in zip(start, box.shape_zyx, strict=True))
    return array_zyx[np.ix_(*indices)], Box(start, stop)


def _periodic_indices(start: int, stop: int, size: int, pad: int) -> np.ndarray:
    wanted = np.zeros(size, dtype=bool)
    wanted[max(start - pad, 0) : stop + pad] = True
    if start < pad or stop + pad > size:
        wanted[:pad] = wanted[-pad:] = True
        # PyRadiomics repeats one voxel at the end of an odd axis: the crop must be odd where the volume is.
        if (size - np.count_nonzero(wanted)) % 2:
            wanted[np.argmin(wanted)] = True
    return np.flatnonzero(wanted)
