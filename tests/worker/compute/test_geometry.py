"""Coordinates, grids and crops: every voxel keeps its place in the patient."""

import numpy as np
import pytest

from worker.compute.errors import EmptyMask, FrameOfReferenceMismatch, GeometryMismatch
from worker.compute.geometry import (
    centroid_lps_mm,
    check_same_frame,
    check_same_grid,
    crop_or_pad_about_centre,
    index_to_lps,
    lps_to_index,
    mask_box,
)
from worker.compute.types import Geometry, Volume

OBLIQUE = Geometry(
    size_xyz=(4, 5, 6),
    spacing_mm=(1.0, 2.0, 3.0),
    origin_lps_mm=(-7.0, 11.0, 100.0),
    direction=(0.8, -0.6, 0.0, 0.6, 0.8, 0.0, 0.0, 0.0, 1.0),
    frame_of_reference_uid="1.2",
)


def volume(size_xyz, **grid) -> Volume:
    geometry = Geometry(size_xyz=size_xyz, spacing_mm=(1, 2, 3), origin_lps_mm=(10, 20, 30), **grid)
    return Volume(array_zyx=np.arange(np.prod(size_xyz)).reshape(geometry.shape_zyx), geometry=geometry)


def test_coordinates_of_an_oblique_grid():
    assert np.allclose(index_to_lps(OBLIQUE, [1, 1, 1]), [-7 + 0.8 - 1.2, 11 + 0.6 + 1.6, 103])
    indices = np.array([[0, 0, 0], [3.5, 1.25, 5]])
    assert np.allclose(lps_to_index(OBLIQUE, index_to_lps(OBLIQUE, indices)), indices)


@pytest.mark.parametrize(("have", "want"), [(9, 6), (8, 5), (6, 6), (7, 4)])
def test_crop_keeps_every_voxel_in_its_place(have, want):
    whole = volume((have, have, 2))
    cropped = crop_or_pad_about_centre(whole, (want, want))
    assert cropped.geometry.size_xyz == (want, want, 2)
    inside = lps_to_index(whole.geometry, index_to_lps(cropped.geometry, [1, 2, 1])).round().astype(int)
    assert cropped.array_zyx[1, 2, 1] == whole.array_zyx[tuple(inside[::-1])]
    centres = [index_to_lps(v.geometry, (np.array(v.geometry.size_xyz) - 1) / 2) for v in (whole, cropped)]
    assert np.all(np.abs(centres[0] - centres[1]) <= np.array([0.5, 1.0, 0.0]))


def test_smaller_axis_is_padded_only_where_asked():
    small = volume((4, 9, 2))
    assert crop_or_pad_about_centre(small, (6, 6)).geometry.size_xyz == (4, 6, 2)
    padded = crop_or_pad_about_centre(small, (6, 6), pad_value=-1024)
    assert padded.geometry.size_xyz == (6, 6, 2)
    assert padded.geometry.origin_lps_mm == (9.0, 22.0, 30.0)
    assert np.all(padded.array_zyx[:, :, 0] == -1024) and padded.array_zyx[0, 0, 1] == small.array_zyx[0, 1, 0]


def test_different_grids_and_frames_are_named():
    other = Geometry(size_xyz=(4, 5, 6), spacing_mm=(1, 2, 3), origin_lps_mm=(0, 0, 0), frame_of_reference_uid="1.3")
    with pytest.raises(GeometryMismatch, match=r"-7\.00.*0\.00"):
        check_same_grid(OBLIQUE, other)
    with pytest.raises(FrameOfReferenceMismatch, match=r"1\.2\).*1\.3\)"):
        check_same_frame(OBLIQUE, other)
    check_same_frame(OBLIQUE, Geometry(size_xyz=(1, 1, 1), spacing_mm=(1, 1, 1), origin_lps_mm=(0, 0, 0)))


def test_box_and_centre_of_a_mask():
    mask = volume((5, 5, 5)).with_array(np.zeros((5, 5, 5), bool))
    with pytest.raises(EmptyMask):
        mask_box(mask.array_zyx)
    with pytest.raises(EmptyMask):
        centroid_lps_mm(mask)
    mask.array_zyx[1, 2, 3:5] = True
    assert mask_box(mask.array_zyx, (2, 1, 1)) == (slice(0, 4), slice(1, 4), slice(2, 5))
    assert np.allclose(centroid_lps_mm(mask), [13.5, 24, 33])
