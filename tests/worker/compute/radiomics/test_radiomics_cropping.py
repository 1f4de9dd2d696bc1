"""cropping.py: boxes, pads in voxels, and the wavelet's periodic neighbourhood."""

import numpy as np
import pytest

from tests.worker.compute.radiomics.whole_image import grid
from worker.compute.radiomics.cropping import Box, bounding_box, pad_of_mm, periodic_crop


def test_bounding_box_is_tight():
    mask = np.zeros((5, 6, 7), dtype=bool)
    mask[1:3, 2, 4:7] = True
    mask[4, 5, 0] = True
    assert bounding_box(mask) == Box((1, 2, 0), (5, 6, 7))


def test_padding_is_cut_at_the_edges_and_located_within():
    box = Box((1, 10, 4), (3, 12, 7))
    outer = box.padded((2, 2, 2)).clipped((20, 13, 8))
    assert outer == Box((0, 8, 2), (5, 13, 8))
    assert box.within(outer) == Box((1, 2, 2), (3, 4, 5))


def test_pad_is_rounded_up_per_axis():
    assert pad_of_mm(10.0, grid((4, 4, 4), (1.0, 2.5, 3.27))) == (4, 4, 10)


@pytest.mark.parametrize("size", [1, 2, 5, 9, 10, 31, 32])
@pytest.mark.parametrize("start", [0, 1, 7, 28])
def test_periodic_neighbours_are_the_volumes(size, start):
    """Within the pad, the crop continued periodically (odd axis: voxel 0 repeated) reads what the volume would."""
    pad, stop = 3, min(start + 2, size)
    if start >= size:
        return
    line = np.arange(size).reshape(1, 1, size)
    crop, inside = periodic_crop(line, Box((0, 0, start), (1, 1, stop)), pad)

    def periodic(values, index):
        padded = np.append(values, values[0]) if values.size % 2 else values
        return padded[index % padded.size]

    offsets = np.arange(-pad, stop - start + pad)
    expected = periodic(line.ravel(), start + offsets)
    found = periodic(crop.ravel(), inside.start_zyx[2] + offsets)
    assert np.array_equal(found, expected)


def test_periodic_crop_stays_small_far_from_the_edges():
    crop, inside = periodic_crop(np.zeros((50, 50, 50)), Box((20, 20, 20), (22, 23, 24)), 6)
    assert crop.shape == (14, 15, 16)
    assert inside == Box((6, 6, 6), (8, 9, 10))
