"""Packed labelmaps are ordinary gzip files of the same voxels, whatever their size."""

import gzip
import subprocess
import zlib

import numpy as np
import pytest

from backend.annotations.services.drawn import count_labels
from backend.annotations.services.packing import pack_labelmap, repack_labelmap, unpack_labelmap


@pytest.mark.parametrize("length", [0, 1, 1 << 18, (1 << 18) + 7, 3 << 18])
@pytest.mark.parametrize("share", [0.0, 0.001, 1.0])
def test_what_is_packed_comes_back(length, share):
    chance = np.random.default_rng(length)
    voxels = ((chance.random(length) < share) * chance.integers(1, 255, length)).astype(np.uint8).tobytes()
    packed = pack_labelmap(voxels)
    assert gzip.decompress(packed) == voxels and packed == pack_labelmap(voxels)
    assert unpack_labelmap(packed) == voxels == unpack_labelmap(gzip.compress(voxels))
    assert subprocess.run(["gzip", "-dc"], input=packed, capture_output=True, check=True).stdout == voxels


def test_a_drawn_lesion_on_a_clinical_grid_costs_kilobytes():
    labels = np.zeros((260, 192, 192), np.uint8)
    labels[100:130, 60:100, 70:110] = 1
    assert len(pack_labelmap(labels.tobytes())) < 30_000


PIECE = 1 << 18
RUNS = {
    "within a piece": [(5, 7)],
    "over the border of two": [(PIECE - 3, 9)],
    "a piece that was empty": [(2 * PIECE, PIECE)],
    "the last voxel": [(3 * PIECE + 6, 1)],
    "nothing": [],
}


@pytest.mark.parametrize("runs", RUNS.values(), ids=RUNS.keys())
@pytest.mark.parametrize("label", [0, 3])
@pytest.mark.parametrize("pack", [pack_labelmap, gzip.compress], ids=["in pieces", "as a whole"])
def test_an_edit_makes_the_same_file_as_packing_everything_again(runs, label, pack):
    voxels = bytearray(3 * PIECE + 7)
    voxels[10:20], voxels[PIECE - 5 : PIECE + 5] = b"\1" * 10, b"\2" * 10
    before = pack(bytes(voxels))
    for first, length in runs:
        voxels[first : first + length] = bytes((label,)) * length
    assert repack_labelmap(before, voxels, runs) == pack_labelmap(voxels)


@pytest.mark.parametrize("cut", [3, 12, 20, 60, 400])
def test_a_file_that_is_cut_short_is_never_taken_for_a_labelmap(cut):
    voxels = bytes([1]) * (2 * PIECE)
    with pytest.raises((gzip.BadGzipFile, EOFError, zlib.error)):
        unpack_labelmap(pack_labelmap(voxels)[:-cut])


@pytest.mark.parametrize("length", [0, 1, 7, 8, 4099])
def test_labels_are_counted_whatever_the_length(length):
    voxels = np.random.default_rng(length).integers(0, 4, length).astype(np.uint8)
    expected = [0, *(int((voxels == label).sum()) for label in range(1, 256))]
    assert count_labels(voxels.tobytes()).tolist() == expected
