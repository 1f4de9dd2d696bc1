"""Standardised differences against the formulas worked out by hand, and what cannot be compared."""

import numpy as np
import pytest

from worker.compute.standardised import difference_of_categories, difference_of_numbers, largest_difference


def test_numbers_by_austins_formula_and_nothing_where_there_is_no_spread():
    # Means 2 and 4, variances 1 and 4.
    assert difference_of_numbers([1, 2, 3], [2, 4, 6]) == pytest.approx(2 / np.sqrt(2.5))
    assert difference_of_numbers([1, 1], [1, 1]) is None and difference_of_numbers([1], [1, 2]) is None


def test_two_categories_come_down_to_the_formula_of_proportions():
    p, q = 0.25, 0.5
    expected = abs(p - q) / np.sqrt((p * (1 - p) + q * (1 - q)) / 2)
    assert difference_of_categories([75, 25], [50, 50]) == pytest.approx(expected)
    assert difference_of_categories([75, 25, 0], [50, 50, 0]) == pytest.approx(expected)
    assert difference_of_categories([0, 0], [1, 2]) is None


def test_the_largest_of_all_pairs_is_named():
    found = largest_difference(["a", "b", "c"], [[1, 2, 3], [2, 3, 4], [9, 10, 11]], difference_of_numbers)
    assert found == (pytest.approx(8.0), ("a", "c"))
    assert largest_difference(["a"], [[1, 2]], difference_of_numbers) == (None, ())
