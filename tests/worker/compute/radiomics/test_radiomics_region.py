"""region.py: what is refused before anything is filtered, and what is said about a region that is odd."""

import numpy as np
import pytest

from tests.worker.compute.radiomics.whole_image import ball_mask, ct_volume, grid, pet_volume
from worker.compute.errors import EmptyMask, FeatureFailed, GeometryMismatch
from worker.compute.radiomics.region import region_warnings, select_region
from worker.compute.types import Volume

GRID = grid((16, 20, 24), (2.0, 2.0, 3.0))


@pytest.fixture
def pet():
    return pet_volume(GRID)


@pytest.fixture
def mask():
    return ball_mask(GRID, (8, 10, 12), (3, 3, 3))


def labels(*voxels_zyx, label=1):
    array = np.zeros(GRID.shape_zyx, dtype=np.uint8)
    for index in voxels_zyx:
        array[index] = label
    return Volume(array_zyx=array, geometry=GRID)


def test_another_grid_is_refused_naming_both(pet):
    other = grid((16, 20, 24), (2.0, 2.0, 3.5))
    with pytest.raises(GeometryMismatch, match=r"3\.500 mm.*3\.000 mm"):
        select_region(pet, ball_mask(other, (8, 10, 12), (3, 3, 3)), "pet")


def test_empty_mask_is_refused(pet):
    with pytest.raises(EmptyMask, match="mask is empty"):
        select_region(pet, labels(), "pet")


def test_absent_label_is_refused_naming_those_that_are_there(pet):
    with pytest.raises(EmptyMask, match="no voxel of label 3; it holds label 2"):
        select_region(pet, labels((1, 1, 1), label=2), "pet", labels=[3])


def test_chosen_labels_are_merged(pet):
    array = labels((4, 4, 4), (4, 5, 4)).array_zyx + labels((6, 6, 6), label=2).array_zyx
    array[9, 9, 9] = 7
    region = select_region(pet, Volume(array_zyx=array, geometry=GRID), "pet", labels=[1, 2])
    assert region.n_voxels == 3


@pytest.mark.parametrize("voxels", [[(4, 4, 4)], [(4, 4, 4), (4, 4, 5), (4, 4, 6)]])
def test_point_and_line_are_refused(pet, voxels):
    with pytest.raises(FeatureFailed, match=r"spans only \d x 1 x 1 voxels"):
        select_region(pet, labels(*voxels), "pet")


def test_missing_voxels_inside_are_refused_with_their_number(pet, mask):
    pet.array_zyx[8, 10, 11:13] = np.nan
    with pytest.raises(FeatureFailed, match=r"2 of \d+ voxels of the region have no image value"):
        select_region(pet, mask, "pet")


def test_infinite_image_is_refused(pet, mask):
    pet.array_zyx[0, 0, 0] = np.inf
    with pytest.raises(FeatureFailed, match="infinite"):
        select_region(pet, mask, "pet")


def test_missing_voxels_nearby_are_counted_and_filled_with_air(pet, mask):
    pet.array_zyx[14] = np.nan
    region = select_region(pet, mask, "pet")
    assert "460 voxels around the region have no PET value" in region_warnings(region, "SUVbw", "pet", (3.0, 5.0))[0]
    assert region.filled(region.array_zyx[13:15])[1].max() == 0.0
    assert np.isnan(pet.array_zyx[14]).all()


def test_extreme_value_is_of_the_whole_image(mask):
    assert select_region(ct_volume(GRID), mask, "ct").extreme_value == 2900
    dark = ct_volume(GRID)
    dark.array_zyx[:] = np.minimum(dark.array_zyx, 100)
    dark.array_zyx[0, 0, 0] = -3024
    assert select_region(dark, mask, "ct").extreme_value == -3024


def test_flat_region_and_float_ct_are_said(mask):
    flat = labels((4, 4, 4), (4, 5, 5), (4, 6, 4))
    region = select_region(ct_volume(GRID), flat, "ct")
    assert "one voxel thin" in " ".join(region_warnings(region, "HU", "ct", (3.0,)))
    ct = ct_volume(GRID)
    region = select_region(ct.with_array(ct.array_zyx.astype(np.float32)), mask, "ct")
    assert "float32" in " ".join(region_warnings(region, "HU", "ct", (3.0,)))


def test_big_endian_and_boolean_arrays_are_taken(mask):
    ct = ct_volume(GRID)
    swapped = ct.with_array(ct.array_zyx.astype(">i2"))
    assert select_region(swapped, mask, "ct").array_zyx.dtype == np.int16
    assert select_region(ct.with_array(ct.array_zyx > 0), mask, "ct").array_zyx.dtype == np.uint8


def test_a_unit_of_another_modality_is_said(pet, mask):
    (warning,) = region_warnings(select_region(pet, mask, "pet"), "BQML", "pet", (3.0,))
    assert "in BQML" in warning and "SUVbw" in warning
