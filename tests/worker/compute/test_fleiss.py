"""Fleiss' kappa against his own table of 1971, and over the box around what was drawn."""

import numpy as np
import pytest
from statsmodels.stats.inter_rater import fleiss_kappa

from worker.compute.fleiss import kappa_of_masks
from worker.compute.types import Geometry, Volume

GEOMETRY = Geometry(size_xyz=(8, 8, 8), spacing_mm=(2.0, 2.0, 3.0), origin_lps_mm=(0.0, 0.0, 0.0))
# Fleiss' 14 raters of 10 subjects in 5 categories as it is printed in textbooks: kappa = 0.210.
TEXTBOOK = [
    [0, 0, 0, 0, 14], [0, 2, 6, 4, 2], [0, 0, 3, 5, 6], [0, 3, 9, 2, 0], [2, 2, 8, 1, 1],
    [7, 7, 0, 0, 0], [3, 2, 6, 3, 0], [2, 5, 3, 2, 2], [6, 5, 2, 1, 0], [0, 2, 2, 3, 7],
]  # fmt: skip


def mask(*boxes: slice) -> Volume:
    array_zyx = np.zeros(GEOMETRY.shape_zyx, np.uint8)
    for cut in boxes:
        array_zyx[cut, cut, cut] = 2
    return Volume(array_zyx=array_zyx, geometry=GEOMETRY, unit="label")


def test_the_library_gives_the_textbook_value():
    assert fleiss_kappa(np.array(TEXTBOOK)) == pytest.approx(0.210, abs=5e-4)


def test_kappa_equals_the_formula_over_the_unions_box():
    masks = [mask(slice(1, 4)), mask(slice(1, 4)), mask(slice(2, 5))]
    votes = sum((one.array_zyx[1:5, 1:5, 1:5] > 0).astype(float) for one in masks).ravel()
    share = votes.mean() / 3
    by_chance = share**2 + (1 - share) ** 2
    observed = np.mean((votes * (votes - 1) + (3 - votes) * (2 - votes)) / 6)
    found = kappa_of_masks(masks)
    assert (found.readers, found.voxels) == (3, 64)
    assert found.kappa == pytest.approx((observed - by_chance) / (1 - by_chance))


def test_what_has_no_kappa_says_why():
    assert "drew anything" in kappa_of_masks([mask(), mask()]).note
    whole = kappa_of_masks([mask(slice(2, 4)), mask(slice(2, 4))])
    assert whole.kappa is None
    assert "whole box" in whole.note


def test_one_empty_mask_is_a_number():
    assert kappa_of_masks([mask(slice(2, 4)), mask(slice(1, 4)), mask()]).kappa < 1
