"""Tests between groups: which test a variable asks for, its p, its effect size (paper section 2.7)."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

ALPHA = 0.05
"""Paper section 2.7: p < 0.05 is significant."""

MINIMUM_FOR_NORMALITY = 8
"""Below this many values a test of normality has no power, and the rank test is taken."""

MOST_FOR_SHAPIRO = 5000
"""Above this many values the p of Shapiro–Wilk is not accurate."""

SMALL_EXPECTED = 5.0
"""Cochran's rule: expected counts below this in more than a fifth of the cells ask for an exact test."""

MONTE_CARLO_TABLES = 9999


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """A variable between groups. ``p`` is None where no test can be made, and ``reason`` says why.

    ``effect`` is what ``effect_name`` says: Hedges' g, rank-biserial r, eta squared, epsilon squared.
    """

    test: str
    p: float | None
    statistic: float | None
    effect_name: str
    effect: float | None
    n: tuple[int, ...]
    reason: str | None = None


@dataclass(frozen=True, kw_only=True)
class Association:
    """Two categories against each other: ``counts`` has a row per ``rows`` and a column per ``columns``."""

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]
    n: int
    test: str
    p: float | None
    statistic: float | None
    cramers_v: float | None
    reason: str | None = None


def looks_normal(groups: Sequence[np.ndarray], alpha: float = ALPHA) -> bool:
    """Whether Shapiro–Wilk finds no deviation from a normal distribution in any group (D'Agostino's in large ones)."""
    for values in groups:
        if len(values) < MINIMUM_FOR_NORMALITY or np.ptp(values) == 0:
            return False
        test = stats.shapiro if len(values) <= MOST_FOR_SHAPIRO else stats.normaltest
        if test(values).pvalue < alpha:
            return False
    return True


def compare_groups(values: Sequence[float], groups: Sequence[str]) -> Comparison:
    """Two groups: Welch's t-test or Mann–Whitney U; more: ANOVA or Kruskal–Wallis H, by Shapiro–Wilk.

    Missing values (NaN) and cases without a group are left out; ``n`` counts what was used, groups in sorted order.
    """
    numbers, names = np.asarray(values, dtype=float), np.asarray([str(g) for g in groups])
    use = np.isfinite(numbers) & (names != "")
    parts = [numbers[use & (names == name)] for name in sorted(set(names[use]))]
    n = tuple(len(part) for part in parts)
    if len(parts) < 2 or min(n) < 2:
        return _untested("none", n, "A comparison needs two groups with at least two values each.")
    if np.ptp(np.concatenate(parts)) == 0:
        return _untested("none", n, "All values are equal.")
    normal = looks_normal(parts)
    if len(parts) == 2:
        return _two_groups(parts[0], parts[1], normal)
    return _many_groups(parts, normal)


def _untested(test: str, n: tuple[int, ...], reason: str) -> Comparison:
    return Comparison(test=test, p=None, statistic=None, effect_name="", effect=None, n=n, reason=reason)


def _two_groups(first: np.ndarray, second: np.ndarray, normal: bool) -> Comparison:
    n = (len(first), len(second))
    if normal:
        found = stats.ttest_ind(first, second, equal_var=False)
        effect = float(hedges_g(first[:, None], second[:, None])[0])
        name, label = "Welch t-test", "Hedges g"
    else:
        found = stats.mannwhitneyu(first, second)
        effect = float(1 - 2 * found.statistic / (n[0] * n[1]))
        name, label = "Mann-Whitney U", "rank-biserial r"
    return Comparison(
        test=name, p=float(found.pvalue), statistic=float(found.statistic), effect_name=label, effect=effect, n=n
    )


def _many_groups(parts: Sequence[np.ndarray], normal: bool) -> Comparison:
    everything = np.concatenate(parts)
    if normal:
        found = stats.f_oneway(*parts)
        between = sum(len(p) * (p.mean() - everything.mean()) ** 2 for p in parts)
        name, label = "ANOVA", "eta squared"
        effect = between / ((everything - everything.mean()) ** 2).sum()
    else:
        found = stats.kruskal(*parts)
        name, label = "Kruskal-Wallis H", "epsilon squared"
        effect = found.statistic / (len(everything) - 1)
    return Comparison(
        test=name,
        p=float(found.pvalue),
        statistic=float(found.statistic),
        effect_name=label,
        effect=float(effect),
        n=tuple(len(p) for p in parts),
    )


def hedges_g(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Standardised mean difference second - first per column of (n, p) arrays, corrected for small samples.

    Hedges 1981: J = 1 - 3 / (4 df - 1).
    """
    n1, n2 = np.isfinite(first).sum(axis=0), np.isfinite(second).sum(axis=0)
    df = n1 + n2 - 2
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        pooled = ((n1 - 1) * np.nanvar(first, axis=0, ddof=1) + (n2 - 1) * np.nanvar(second, axis=0, ddof=1)) / df
        d = (np.nanmean(second, axis=0) - np.nanmean(first, axis=0)) / np.sqrt(pooled)
    return d * (1 - 3 / (4 * df - 1))


def associate(first: Sequence[str], second: Sequence[str], *, seed: int = 0) -> Association:
    """Chi-square; where expected counts are small Fisher's exact test (2 × 2) or Fisher–Freeman–Halton's.

    Cases with an empty category in either are left out.
    """
    pairs = [(str(a), str(b)) for a, b in zip(first, second, strict=True) if str(a) and str(b)]
    rows, columns = sorted({a for a, _ in pairs}), sorted({b for _, b in pairs})
    counts = np.array([[pairs.count((a, b)) for b in columns] for a in rows], dtype=int)
    shared = {
        "rows": tuple(rows),
        "columns": tuple(columns),
        "counts": tuple(tuple(int(c) for c in row) for row in counts),
        "n": len(pairs),
    }
    if len(rows) < 2 or len(columns) < 2:
        reason = "An association needs at least two categories on both sides."
        return Association(**shared, test="none", p=None, statistic=None, cramers_v=None, reason=reason)
    chi2, p, _, expected = stats.chi2_contingency(counts, correction=False)
    v = float(np.sqrt(chi2 / (len(pairs) * (min(counts.shape) - 1))))
    test = "chi-square"
    if (expected < SMALL_EXPECTED).mean() > 0.2 or expected.min() < 1:
        test, p = _exact(counts, seed)
    return Association(**shared, test=test, p=float(p), statistic=float(chi2), cramers_v=v)


def _exact(counts: np.ndarray, seed: int) -> tuple[str, float]:
    if counts.shape == (2, 2):
        return "Fisher exact", stats.fisher_exact(counts).pvalue
    method = stats.MonteCarloMethod(n_resamples=MONTE_CARLO_TABLES, rng=np.random.default_rng(seed))
    p = stats.fisher_exact(counts, method=method).pvalue  # SciPy gives an array of one for some tables.
    return "Fisher-Freeman-Halton (Monte Carlo)", float(np.ravel(p)[0])


def correlate(first: Sequence[float], second: Sequence[float]) -> Comparison:
    """Pearson's r (the effect) of two variables; pairs with a missing value are left out."""
    x, y = np.asarray(first, dtype=float), np.asarray(second, dtype=float)
    use = np.isfinite(x) & np.isfinite(y)
    n = (int(use.sum()),)
    if n[0] < 3 or np.ptp(x[use]) == 0 or np.ptp(y[use]) == 0:
        return _untested("Pearson r", n, "A correlation needs three pairs in which both values vary.")
    found = stats.pearsonr(x[use], y[use])
    r = float(found.statistic)
    return Comparison(test="Pearson r", p=float(found.pvalue), statistic=r, effect_name="r", effect=r, n=n)
