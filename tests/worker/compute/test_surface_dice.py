"""Surface Dice on boxes whose boundaries are known by hand."""

import numpy as np
import pytest

from worker.compute.surface_dice import surface_dice, surface_faces

SPACING_MM = (1.0, 2.0, 5.0)


def box(z: slice, y: slice, x: slice) -> np.ndarray:
    mask = np.zeros((30, 30, 30), bool)
    mask[z, y, x] = True
    return mask


CUBE = box(slice(10, 20), slice(10, 20), slice(10, 20))


def test_the_area_of_a_box_is_that_of_its_six_sides():
    centres_mm, areas_mm2 = surface_faces(CUBE, SPACING_MM)
    assert areas_mm2.sum() == pytest.approx(2 * (10 * 20 + 10 * 50 + 20 * 50))
    assert centres_mm.min(axis=0) == pytest.approx([9.5 * 5, 9.5 * 2, 9.5])


def test_a_shift_within_the_tolerance_is_agreement_and_beyond_it_is_not():
    moved = np.roll(CUBE, 1, axis=0)
    assert surface_dice(CUBE, CUBE, SPACING_MM, 0.0) == 1.0
    assert surface_dice(CUBE, moved, SPACING_MM, 5.0) == 1.0
    # One slice of 5 mm along z, tolerance 0: the sides' 9 shared slices agree, both ends do not.
    side_mm2, end_mm2 = 2 * (10 + 20) * 5, 10 * 20
    expected = 9 * side_mm2 / (10 * side_mm2 + 2 * end_mm2)
    assert surface_dice(CUBE, moved, SPACING_MM, 0.0) == pytest.approx(expected)


def test_an_absent_boundary_lies_near_nothing():
    empty = np.zeros_like(CUBE)
    assert surface_dice(CUBE, empty, SPACING_MM) == 0.0
    assert surface_dice(empty, empty, SPACING_MM) is None


def test_concentric_spheres_agree_once_the_tolerance_reaches_the_gap():
    z, y, x = np.mgrid[:48, :48, :48] - 23.5
    radius = np.sqrt(z**2 + y**2 + x**2)
    small, large = radius <= 12, radius <= 15
    assert surface_dice(small, large, (1.0, 1.0, 1.0), 1.5) < 0.05
    assert surface_dice(small, large, (1.0, 1.0, 1.0), 4.0) == 1.0
