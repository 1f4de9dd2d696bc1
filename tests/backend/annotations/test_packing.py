"""Packed labelmaps are ordinary gzip files of the same voxels, whatever their size."""

import gzip
import subprocess

import numpy as np
import pytest

from backend.annotations.services.packing import pack_labelmap


@pytest.mark.parametrize("length", [0, 1, 1 << 18, (1 << 18) + 7, 3 << 18])
@pytest.mark.parametrize("share", [0.0, 0.001, 1.0])
def test_what_is_packed_comes_back(length, share):
    chance = np.random.default_rng(length)
    voxels = ((chance.random(length) < share) * chance.integers(1, 255, length)).astype(np.uint8).tobytes()
    packed = pack_labelmap(voxels)
    assert gzip.decompress(packed) == voxels and packed == pack_labelmap(voxels)
    assert subprocess.run(["gzip", "-dc"], input=packed, capture_output=True, check=True).stdout == voxels


def test_a_drawn_lesion_on_a_clinical_grid_costs_kilobytes():
    labels = np.zeros((260, 192, 192), np.uint8)
    labels[100:130, 60:100, 70:110] = 1
    assert len(pack_labelmap(labels.tobytes())) < 30_000
