"""Lesion uptake where the answer is known in closed form, and on a real lesion."""

import numpy as np
import pytest

from tests.reference_data import reference_path
from worker.compute.dicom import read_series
from worker.compute.errors import EmptyMask, GeometryMismatch
from worker.compute.rtstruct import rasterise_roi
from worker.compute.suv import compute_suv_bw
from worker.compute.types import Geometry, Volume
from worker.compute.uptake import PEAK_RADIUS_MM, lesion_uptake, peak_sphere

GRID = Geometry(size_xyz=(16, 14, 12), spacing_mm=(2.0, 2.5, 3.0), origin_lps_mm=(-10.0, 0.0, 50.0))


def volume(array_zyx) -> Volume:
    return Volume(array_zyx=array_zyx, geometry=GRID)


def block_mask() -> Volume:
    mask = np.zeros(GRID.shape_zyx, np.uint8)
    mask[4:8, 5:9, 5:10] = 1
    return volume(mask)


@pytest.mark.parametrize("spacing", [(2.0, 2.5, 3.0), (4.6875, 4.6875, 3.27), (5.5, 5.5, 5.0), (1.0, 1.0, 1.0)])
def test_the_sphere_holds_one_millilitre(spacing):
    sphere = peak_sphere(spacing)
    assert all(n % 2 for n in sphere.shape)
    assert sphere.sum() * np.prod(spacing) / 1000 == pytest.approx(1.0, rel=0.03)
    assert pytest.approx(6.2035, abs=1e-4) == PEAK_RADIUS_MM


def test_uniform_uptake():
    found = lesion_uptake(volume(np.full(GRID.shape_zyx, 4.0)), block_mask())
    assert (found.suv_bw_max, found.suv_bw_mean) == (4.0, 4.0) and found.suv_bw_peak == pytest.approx(4.0)
    assert found.voxel_count == 80
    assert found.metabolic_tumour_volume_ml == pytest.approx(80 * 15 / 1000)
    assert found.total_lesion_glycolysis_g == pytest.approx(4 * 1.2)


def test_peak_of_a_linear_ramp_is_its_value_at_the_best_centre():
    x = np.broadcast_to(np.arange(16) * 2.0, GRID.shape_zyx)
    found = lesion_uptake(volume(x.astype(float)), block_mask())
    assert found.suv_bw_max == 18 and found.suv_bw_peak == pytest.approx(18, abs=1e-6)
    assert found.max_center_lps_mm[0] == found.peak_center_lps_mm[0] == -10 + 18


def test_voxels_without_a_value_are_left_out():
    values = np.full(GRID.shape_zyx, 4.0)
    values[4] = np.nan
    found = lesion_uptake(volume(values), block_mask())
    assert found.voxel_count == 60 and found.suv_bw_peak == pytest.approx(4.0)
    with pytest.raises(EmptyMask, match="outside the PET"):
        lesion_uptake(volume(np.full(GRID.shape_zyx, np.nan)), block_mask())


def test_other_grids_and_empty_masks_are_refused():
    other = Geometry(size_xyz=(16, 14, 12), spacing_mm=(2.0, 2.5, 3.1), origin_lps_mm=(-10.0, 0.0, 50.0))
    with pytest.raises(GeometryMismatch):
        lesion_uptake(Volume(array_zyx=np.ones(GRID.shape_zyx), geometry=other), block_mask())
    with pytest.raises(EmptyMask):
        lesion_uptake(volume(np.ones(GRID.shape_zyx)), volume(np.zeros(GRID.shape_zyx)))


def test_a_real_lesion():
    pet, _ = compute_suv_bw(read_series(reference_path("petct", "STS_001", "PET", "image")))
    mask = rasterise_roi(reference_path("petct", "STS_001", "PET", "mask", "1-1.dcm"), pet.geometry, "GTV_Mass")
    found = lesion_uptake(pet, mask)
    assert 7.9 <= found.suv_bw_max <= 8.0
    assert found.suv_bw_mean < found.suv_bw_peak < found.suv_bw_max
