"""A real PET/CT from DICOM to features: brown fat on the analysis grid, its values equal to the whole image."""

import numpy as np
import pytest

from tests.reference_data import reference_path
from tests.worker.compute.radiomics.whole_image import as_sitk, direct_features
from worker.compute.bat import bat_mask
from worker.compute.dicom import read_series, read_volume
from worker.compute.radiomics.extraction import extract_features
from worker.compute.radiomics.recipe import standard_recipe
from worker.compute.resample import AnalysisGrid, analysis_grid
from worker.compute.suv import compute_suv_bw


@pytest.fixture(scope="module")
def pair() -> AnalysisGrid:
    ct = read_volume(reference_path("petct", "STS_001", "CT", "image"))
    suv_bw, _ = compute_suv_bw(read_series(reference_path("petct", "STS_001", "PET", "image")))
    return analysis_grid(ct, suv_bw, crop_xy=None)


def test_brown_fat_of_a_real_pet_equals_the_whole_image(pair):
    recipe = standard_recipe("bat", "pet")
    mask = bat_mask(pair.ct, pair.pet)
    result = extract_features(pair.pet, mask, recipe)
    direct = direct_features(as_sitk(pair.pet), as_sitk(mask), recipe)
    assert result.values == pytest.approx(np.array([direct[name] for name in result.names]), rel=1e-6)
    assert result.warnings == ()


def test_ct_of_the_analysis_grid_is_whole_hu(pair):
    """LBP3D interpolates in the stored type: every CT of PETRA is int16, so that patients compare."""
    assert pair.ct.array_zyx.dtype == np.int16
