"""The brown fat rule at its edges, and the restrictions that are off in the paper's mode."""

import numpy as np
import pytest

from tests.reference_data import reference_path
from worker.compute.bat import bat_mask, require_voxels
from worker.compute.dicom import read_series, read_volume
from worker.compute.errors import EmptyMask, GeometryMismatch
from worker.compute.resample import analysis_grid
from worker.compute.rtstruct import rasterise_roi
from worker.compute.suv import compute_suv_bw
from worker.compute.types import Geometry, Volume

GRID = Geometry(size_xyz=(10, 10, 10), spacing_mm=(2.0, 2.0, 2.0), origin_lps_mm=(0.0, 0.0, 0.0))


def filled(value: float, geometry: Geometry = GRID) -> Volume:
    return Volume(array_zyx=np.full(geometry.shape_zyx, value, np.float32), geometry=geometry)


@pytest.mark.parametrize(
    ("hu", "suv_bw", "is_bat"),
    [
        (-100, 1.5, False),
        (-100, 1.51, True),
        (-190, 2, True),
        (-190.5, 2, False),
        (-10, 2, True),
        (-9.5, 2, False),
        (-100, np.nan, False),
        (np.nan, 2, False),
    ],
)
def test_thresholds(hu, suv_bw, is_bat):
    assert bool(bat_mask(filled(hu), filled(suv_bw)).array_zyx.all()) == is_bat


def spots() -> Volume:
    """Three voxels that touch by corners, and one alone."""
    suv_bw = filled(0)
    for index in ((1, 1, 1), (2, 2, 2), (3, 3, 3), (8, 8, 8)):
        suv_bw.array_zyx[index] = 3
    return suv_bw


def test_small_pieces_are_dropped_only_where_asked():
    assert bat_mask(filled(-100), spots()).array_zyx.sum() == 4
    assert bat_mask(filled(-100), spots(), min_component_ml=0.024).array_zyx.sum() == 3
    assert bat_mask(filled(-100), spots(), min_component_ml=0.025).array_zyx.sum() == 0


def test_region_and_lesions_limit_it():
    above = bat_mask(filled(-100), spots(), region_lps_mm=((None, None), (None, None), (10, None)))
    assert np.argwhere(above.array_zyx).tolist() == [[8, 8, 8]]
    lesion = filled(0)
    lesion.array_zyx[1, 1, 1] = 1
    assert bat_mask(filled(-100), spots(), lesions=lesion).array_zyx.sum() == 3
    assert bat_mask(filled(-100), spots(), lesions=lesion, lesion_margin_mm=3.5).array_zyx.sum() == 2
    assert bat_mask(filled(-100), spots(), lesions=lesion, lesion_margin_mm=3.4).array_zyx.sum() == 3


def test_no_brown_fat_is_a_sentence_where_it_is_needed():
    with pytest.raises(EmptyMask, match="without brown fat"):
        require_voxels(bat_mask(filled(40), filled(3)))


def test_different_grids_are_refused():
    other = Geometry(size_xyz=(10, 10, 10), spacing_mm=(2.0, 2.0, 2.0), origin_lps_mm=(1.0, 0.0, 0.0))
    with pytest.raises(GeometryMismatch):
        bat_mask(filled(-100), filled(3, other))


def test_the_rule_in_a_real_thigh():
    ct = read_volume(reference_path("petct", "STS_001", "CT", "image"))
    pet, _ = compute_suv_bw(read_series(reference_path("petct", "STS_001", "PET", "image")))
    made = analysis_grid(ct, pet)
    lesion = rasterise_roi(reference_path("petct", "STS_001", "CT", "mask", "RS.dcm"), ct.geometry, "GTV_Mass_CT")
    whole = bat_mask(made.ct, made.pet).array_zyx.sum()
    assert whole * ct.geometry.voxel_volume_ml == pytest.approx(47.8, abs=0.05)
    assert bat_mask(made.ct, made.pet, lesions=lesion).array_zyx.sum() / whole == pytest.approx(0.70, abs=0.01)
