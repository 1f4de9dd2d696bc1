"""Intraclass correlation of readers who all measured the same cases: two-way random, absolute agreement, one reader."""

from dataclasses import asdict, dataclass

import numpy as np
from scipy.stats import f as f_distribution

from worker.compute.errors import InsufficientData

CONFIDENCE = 0.95


@dataclass(frozen=True, kw_only=True)
class IntraclassCorrelation:
    """ICC(2,1) with its 95 % interval; what cannot be said is None, with the reason in ``note``."""

    icc: float | None
    low: float | None
    high: float | None
    cases: int
    readers: int
    note: str = ""

    def to_json(self) -> dict:
        return asdict(self)


def icc_2_1(values: np.ndarray) -> IntraclassCorrelation:
    """ICC(2,1) of ``values`` (cases, readers), finite and complete (Shrout & Fleiss, Psychol Bull 1979;86:420).

    The interval is theirs too (equation 9; McGraw & Wong, Psychol Methods 1996;1:30, table 7). Raises InsufficientData
    below two cases or two readers.
    """
    cases, readers = values.shape
    if cases < 2 or readers < 2:
        raise InsufficientData(
            f"An ICC needs at least 2 cases measured by at least 2 readers, not {cases} by {readers}: add readings."
        )
    between_cases, between_readers, residual = _mean_squares(values)
    total = between_cases + (readers - 1) * residual + readers * (between_readers - residual) / cases
    if total <= 0:
        note = "all values are equal, so there is no variance to divide"
        return IntraclassCorrelation(icc=None, low=None, high=None, cases=cases, readers=readers, note=note)
    icc = (between_cases - residual) / total
    low, high = _interval(icc, between_cases, between_readers, residual, cases, readers)
    if low <= icc <= high:
        return IntraclassCorrelation(icc=float(icc), low=low, high=high, cases=cases, readers=readers)
    # Satterthwaite's approximation breaks down for a negative ICC of a few cases: better none than a wrong one.
    note = "the cases are too few, or differ too little, for an interval"
    return IntraclassCorrelation(icc=float(icc), low=None, high=None, cases=cases, readers=readers, note=note)


def _mean_squares(values: np.ndarray) -> tuple[float, float, float]:
    """Between cases, between readers, and what is left (two-way analysis of variance without replication)."""
    cases, readers = values.shape
    mean = values.mean()
    of_cases = values.mean(axis=1, keepdims=True)
    of_readers = values.mean(axis=0, keepdims=True)
    between_cases = readers * ((of_cases - mean) ** 2).sum() / (cases - 1)
    between_readers = cases * ((of_readers - mean) ** 2).sum() / (readers - 1)
    residual = ((values - of_cases - of_readers + mean) ** 2).sum() / ((cases - 1) * (readers - 1))
    return float(between_cases), float(between_readers), float(residual)


def _interval(
    icc: float, between_cases: float, between_readers: float, residual: float, cases: int, readers: int
) -> tuple[float, float]:
    if residual == 0 and between_readers == 0:
        return 1.0, 1.0
    n, k = cases, readers
    ratio = between_readers / residual if residual else np.inf
    freedom = _freedom(icc, ratio, n, k)
    # The quantile is infinite, and the bound not a number, where hardly a degree of freedom is left.
    above = f_distribution.ppf((1 + CONFIDENCE) / 2, n - 1, freedom)
    below = f_distribution.ppf((1 + CONFIDENCE) / 2, freedom, n - 1)
    spread = k * between_readers + (k * n - k - n) * residual
    if not np.isfinite([above, below]).all():
        return np.nan, np.nan
    low = n * (between_cases - above * residual) / (above * spread + n * between_cases)
    high = n * (below * between_cases - residual) / (spread + n * below * between_cases)
    return float(low), float(high)


def _freedom(icc: float, ratio: float, n: int, k: int) -> float:
    """Satterthwaite's degrees of freedom of the readers' and residual variance together."""
    if np.isinf(ratio):
        return float(k - 1)
    of_readers = k * icc * ratio
    of_residual = n * (1 + (k - 1) * icc) - k * icc
    return ((k - 1) * (n - 1) * (of_readers + of_residual) ** 2) / ((n - 1) * of_readers**2 + of_residual**2)
