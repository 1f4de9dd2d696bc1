"""extraction.py: every value equals PyRadiomics on the whole image; what cannot be computed is a sentence."""

import logging
from dataclasses import replace

import numpy as np
import pytest
import SimpleITK as sitk

from tests.worker.compute.radiomics.whole_image import (
    as_sitk,
    ball_mask,
    ct_volume,
    direct_features,
    grid,
    pet_volume,
)
from worker.compute.errors import FeatureFailed, RunCancelled
from worker.compute.radiomics import extraction, filters
from worker.compute.radiomics.extraction import extract_features
from worker.compute.radiomics.recipe import standard_recipe
from worker.compute.types import Volume

MODERATE = grid((40, 96, 97), (2.5, 2.5, 3.27))
SMALL = grid((9, 14, 12), (2.0, 2.0, 3.0))
RADIUS = (4, 6, 6)
PLACES = {
    "centre": (20, 48, 50),
    "low z": (2, 48, 50),
    "high z": (38, 48, 50),
    "low corner": (20, 3, 4),
    "high corner": (38, 92, 94),
}
VOLUMES = {"ct": ct_volume, "pet": pet_volume}


def assert_equals_whole_image(image: Volume, mask: Volume, recipe) -> None:
    direct = direct_features(as_sitk(image), as_sitk(mask), recipe)
    result = extract_features(image, mask, recipe)
    assert set(result.names) == direct.keys()
    for name, value in result.by_name().items():
        assert value == pytest.approx(direct[name], rel=1e-6, abs=1e-14), name


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("modality", VOLUMES)
def test_crop_equals_the_whole_image(modality, place):
    image = VOLUMES[modality](MODERATE)
    assert_equals_whole_image(image, ball_mask(MODERATE, PLACES[place], RADIUS), standard_recipe("tumour", modality))


@pytest.mark.parametrize("modality", VOLUMES)
def test_volume_smaller_than_the_pads_equals_the_whole_image(modality):
    image = VOLUMES[modality](SMALL)
    assert_equals_whole_image(image, ball_mask(SMALL, (4, 7, 6), (4, 4, 5)), standard_recipe("tumour", modality))


def test_brown_fat_in_pieces_and_slabs_equals_the_whole_image(monkeypatch):
    monkeypatch.setattr(filters, "LBP3D_VOXELS_AT_ONCE", 150)
    left, right = (ball_mask(MODERATE, (36, 40, x), (5, 4, 4)) for x in (20, 75))
    mask = left.with_array(left.array_zyx + 2 * right.array_zyx)
    assert len(filters.slabs(mask.array_zyx > 0, 150)) > 3
    merged = mask.with_array((mask.array_zyx > 0).astype(np.uint8))
    image = pet_volume(MODERATE)
    recipe = standard_recipe("bat", "pet")
    direct = direct_features(as_sitk(image), as_sitk(merged), recipe)
    result = extract_features(image, mask, recipe, labels=[1, 2])
    assert len(result.names) == 342
    assert result.values == pytest.approx(np.array([direct[name] for name in result.names]), rel=1e-6, abs=1e-14)


def test_missing_pet_voxels_count_as_air_as_in_a_filled_whole_image():
    pet, mask = pet_volume(SMALL), ball_mask(SMALL, (4, 7, 6), (2, 4, 4))
    pet.array_zyx[8] = np.nan
    filled = pet.with_array(np.nan_to_num(pet.array_zyx, nan=0.0))
    result = extract_features(pet, mask, standard_recipe("bat", "pet"))
    assert np.array_equal(result.values, extract_features(filled, mask, standard_recipe("bat", "pet")).values)
    assert len(result.warnings) == 1


def test_result_says_what_it_is():
    steps = []
    mask = ball_mask(SMALL, (4, 7, 6), (3, 4, 4))
    recipe = standard_recipe("bat")
    result = extract_features(ct_volume(SMALL), mask, recipe, lambda fraction, step: steps.append((fraction, step)))
    assert result.names == recipe.feature_names()
    assert result.recipe_sha256 == recipe.sha256
    assert result.mask_voxels == int(mask.array_zyx.sum())
    assert result.values.dtype == np.float64 and np.isfinite(result.values).all()
    assert result.seconds > 0 and result.warnings == ()
    assert len(steps) == 19 and steps[0] == (0.0, "features of the original image")


def test_cancel_stops_and_leaves_threads_and_logging_as_they_were():
    def cancel(fraction, step):
        raise RunCancelled("stopped")

    threads, handlers = sitk.ProcessObject.GetGlobalDefaultNumberOfThreads(), logging.getLogger("radiomics").handlers[:]
    with pytest.raises(RunCancelled):
        extract_features(ct_volume(SMALL), ball_mask(SMALL, (4, 7, 6), (3, 4, 4)), standard_recipe("bat"), cancel)
    assert sitk.ProcessObject.GetGlobalDefaultNumberOfThreads() == threads
    assert logging.getLogger("radiomics").handlers == handlers


def test_a_region_of_one_grey_value_is_refused_by_name():
    flat = Volume(array_zyx=np.full(SMALL.shape_zyx, 40, np.int16), geometry=SMALL)
    with pytest.raises(FeatureFailed, match="lbp-3D-k image has no finite value in"):
        extract_features(flat, ball_mask(SMALL, (4, 7, 6), (3, 4, 4)), standard_recipe("tumour"))


def test_a_pet_in_becquerel_is_refused_before_memory_runs_out():
    pet = pet_volume(SMALL)
    activity = pet.with_array(pet.array_zyx * 4000, unit="BQML")
    with pytest.raises(FeatureFailed, match="check that the PET is in SUVbw"):
        extract_features(activity, ball_mask(SMALL, (4, 7, 6), (3, 4, 4)), standard_recipe("tumour", "pet"))


def test_an_image_of_zeros_is_refused_by_name():
    zeros = Volume(array_zyx=np.zeros(SMALL.shape_zyx, np.float32), geometry=SMALL)
    with pytest.raises(FeatureFailed, match="square image has no finite value"):
        extract_features(zeros, ball_mask(SMALL, (4, 7, 6), (3, 4, 4)), standard_recipe("bat", "pet"))


def test_too_few_slices_for_the_filter_is_said():
    thin = grid((3, 14, 12), (2.0, 2.0, 3.0))
    image = Volume(array_zyx=ct_volume(SMALL).array_zyx[:3], geometry=thin)
    with pytest.raises(FeatureFailed, match="made no log-sigma-3-0-mm-3D image: Image too small"):
        extract_features(image, ball_mask(thin, (1, 7, 6), (1, 4, 4)), standard_recipe("bat"))


def test_a_filter_that_vanishes_is_an_error(monkeypatch):
    """With scipy 1.17 PyRadiomics drops LBP3D with a log line: 1,502 features instead of 1,781."""
    monkeypatch.setattr(filters.imageoperations, "getLBP3DImage", lambda image, mask, **settings: iter(()))
    with pytest.raises(FeatureFailed, match="made no lbp-3D-m1 image"):
        extract_features(ct_volume(SMALL), ball_mask(SMALL, (4, 7, 6), (3, 4, 4)), standard_recipe("bat"))


def test_a_wrong_count_is_an_error(monkeypatch):
    monkeypatch.setattr(extraction, "class_features", lambda region, array, prefix, *rest: {f"{prefix}_Mean": 1.0})
    with pytest.raises(FeatureFailed, match="gave 19 features, the recipe has 342"):
        extract_features(ct_volume(SMALL), ball_mask(SMALL, (4, 7, 6), (3, 4, 4)), standard_recipe("bat"))


def test_nothing_is_printed(capfd):
    extract_features(ct_volume(SMALL), ball_mask(SMALL, (4, 7, 6), (3, 4, 4)), standard_recipe("tumour"))
    assert capfd.readouterr() == ("", "")


def test_sigmas_are_the_recipes():
    recipe = replace(standard_recipe("bat"), log_sigmas_mm=(2.0,))
    result = extract_features(ct_volume(SMALL), ball_mask(SMALL, (4, 7, 6), (3, 4, 4)), recipe)
    assert len(result.names) == 18 * 18
