"""Standardised differences between groups: how far apart they are whatever their size, where p tells of both.

Sources: Austin 2009 for numbers, Yang and Dalton 2012 for categories.
"""

from collections.abc import Callable, Sequence
from itertools import combinations

import numpy as np


def difference_of_numbers(first: Sequence[float], second: Sequence[float]) -> float | None:
    """|difference of the means| over the root of the mean variance; None with less than two values or no spread."""
    a, b = np.asarray(first, dtype=float), np.asarray(second, dtype=float)
    if min(len(a), len(b)) < 2:
        return None
    spread = np.sqrt((a.var(ddof=1) + b.var(ddof=1)) / 2)
    return float(abs(a.mean() - b.mean()) / spread) if spread > 0 else None


def difference_of_categories(first: Sequence[int], second: Sequence[int]) -> float | None:
    """Mahalanobis distance of the shares, from the counts of each category; None where a group has none."""
    a, b = np.asarray(first, dtype=float), np.asarray(second, dtype=float)
    if a.sum() == 0 or b.sum() == 0 or len(a) < 2:
        return None
    # The last share follows from the others; with it the covariance could not be inverted.
    p, q = (a / a.sum())[1:], (b / b.sum())[1:]
    covariance = (_covariance(p) + _covariance(q)) / 2
    apart = p - q
    # A category that nobody of either group has leaves a row of zeros, which the pseudo-inverse passes over.
    return float(np.sqrt(max(apart @ np.linalg.pinv(covariance) @ apart, 0.0)))


def _covariance(shares: np.ndarray) -> np.ndarray:
    return np.diag(shares) - np.outer(shares, shares)


def largest_difference(
    names: Sequence[str], parts: Sequence[Sequence], difference: Callable[..., float | None]
) -> tuple[float | None, tuple[str, ...]]:
    """The largest difference between any two groups, and their names; None where no two can be compared."""
    found = [
        (value, (names[i], names[j]))
        for i, j in combinations(range(len(parts)), 2)
        if (value := difference(parts[i], parts[j])) is not None
    ]
    return max(found, key=lambda pair: pair[0]) if found else (None, ())
