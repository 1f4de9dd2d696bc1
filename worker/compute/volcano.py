"""Every feature against a binary label: p, q, fold change and effect size, all columns at once (paper Figure 5)."""

import numpy as np
import pandas as pd
from scipy import stats

from worker.compute.errors import InsufficientData
from worker.compute.statistics import hedges_g
from worker.compute.tables import CLINICAL, FeatureTable

MINIMUM_PER_GROUP = 3
MINIMUM_FOR_K2 = 20
"""D'Agostino and Pearson's test of normality is trusted from 20 values; smaller groups take the rank test."""

ALPHA = 0.05
ALPHA_NORMALITY = 0.05
ALL_CANCERS = "all"
FOLD_CHANGE = "log2 fold change"
STANDARDISED = "standardised mean difference"


def volcano(table: FeatureTable) -> pd.DataFrame:
    """One row per image feature, most significant first.

    ``p``: Welch's t-test where both groups look normal (D'Agostino–Pearson K², p ≥ 0.05), otherwise Mann–Whitney U;
    ``test`` says which. ``q``: Benjamini–Hochberg over the features of one source. ``log2_fold_change``: log2 of the
    ratio of the group means, positive over negative, where both have the same sign; a ratio means nothing for a
    feature that crosses zero, so there it is empty and ``x`` is the standardised mean difference; ``x_kind`` says
    which. ``hedges_g`` is given for every feature. Features with fewer than three values in a group, or without
    variation, have an empty p and come last. Raises InsufficientData when a class is missing.
    """
    for label, word in ((0, "negative"), (1, "positive")):
        if (table.labels == label).sum() < MINIMUM_PER_GROUP:
            raise InsufficientData(
                f"A volcano plot needs at least {MINIMUM_PER_GROUP} {word} cases: label more patients."
            )
    parts = [_one_source(name, table) for name in table.sources if name != CLINICAL]
    if not parts:
        raise InsufficientData("The table has no image features to compare: extract features first.")
    frame = pd.concat(parts, ignore_index=True)
    frame["abs_g"] = frame["hedges_g"].abs()
    ordered = frame.sort_values(["p", "abs_g"], ascending=[True, False], kind="stable", na_position="last")
    return ordered.drop(columns="abs_g").reset_index(drop=True)


def volcano_by_cancer(table: FeatureTable) -> dict[tuple[str, str], pd.DataFrame | str]:
    """(source, cancer type or "all") → its volcano, or the sentence that says why there is none."""
    kinds = [*sorted({c for c in table.cancer_types if c}), ALL_CANCERS]
    panels: dict[tuple[str, str], pd.DataFrame | str] = {}
    for kind in kinds:
        rows = table if kind == ALL_CANCERS else table.rows(np.array([c == kind for c in table.cancer_types]))
        try:
            frame = volcano(rows)
        except InsufficientData as error:
            panels.update({(s, kind): str(error) for s in table.sources if s != CLINICAL})
            continue
        panels.update({(str(s), kind): part.reset_index(drop=True) for s, part in frame.groupby("source")})
    return panels


def _one_source(name: str, table: FeatureTable) -> pd.DataFrame:
    source = table.sources[name]
    held = source.present
    negative, positive = (_finite(source.values[held & (table.labels == label)]) for label in (0, 1))
    n0, n1 = np.isfinite(negative).sum(axis=0), np.isfinite(positive).sum(axis=0)
    usable = (np.minimum(n0, n1) >= MINIMUM_PER_GROUP) & _varies(source.values)
    columns: dict[str, np.ndarray] = {
        key: np.full(len(source.names), np.nan)
        for key in ("mean_negative", "mean_positive", "p", "q", "log2_fold_change", "hedges_g", "x")
    }
    test, x_kind = np.full(len(source.names), "", dtype=object), np.full(len(source.names), "", dtype=object)
    if usable.any():
        a, b = negative[:, usable], positive[:, usable]
        columns["p"][usable], test[usable] = _p_values(a, b)
        columns["q"][usable] = stats.false_discovery_control(columns["p"][usable])
        columns["hedges_g"][usable] = hedges_g(a, b)
        columns["mean_negative"][usable], columns["mean_positive"][usable] = (
            np.nanmean(a, axis=0),
            np.nanmean(b, axis=0),
        )
        change = _log2_fold_change(columns["mean_negative"][usable], columns["mean_positive"][usable])
        columns["log2_fold_change"][usable] = change
        columns["x"][usable] = np.where(np.isfinite(change), change, columns["hedges_g"][usable])
        x_kind[usable] = np.where(np.isfinite(change), FOLD_CHANGE, STANDARDISED)
    described = {"feature": source.names, "source": name, "n_negative": n0, "n_positive": n1}
    return pd.DataFrame({**described, **columns, "test": test, "x_kind": x_kind})


def _finite(values: np.ndarray) -> np.ndarray:
    return np.where(np.isfinite(values), values, np.nan)


def _varies(values: np.ndarray) -> np.ndarray:
    high = np.where(np.isfinite(values), values, -np.inf).max(axis=0)
    low = np.where(np.isfinite(values), values, np.inf).min(axis=0)
    return high > low


def _p_values(negative: np.ndarray, positive: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """p and the test's name per column; only columns with missing values take SciPy's slow way of leaving them out."""
    holes = np.isnan(negative).any(axis=0) | np.isnan(positive).any(axis=0)
    p, test = np.full(holes.size, np.nan), np.full(holes.size, "", dtype=object)
    for columns, nan_policy in ((~holes, "propagate"), (holes, "omit")):
        if columns.any():
            p[columns], test[columns] = _tests(negative[:, columns], positive[:, columns], nan_policy)
    return p, test


def _tests(negative: np.ndarray, positive: np.ndarray, nan_policy: str) -> tuple[np.ndarray, np.ndarray]:
    rank = stats.mannwhitneyu(positive, negative, axis=0, nan_policy=nan_policy).pvalue
    if min(np.isfinite(g).sum(axis=0).min() for g in (negative, positive)) < MINIMUM_FOR_K2:
        return rank, np.full(len(rank), "Mann-Whitney U", dtype=object)
    with np.errstate(all="ignore"):
        k2 = [stats.normaltest(g, axis=0, nan_policy=nan_policy).pvalue for g in (negative, positive)]
        welch = stats.ttest_ind(positive, negative, equal_var=False, axis=0, nan_policy=nan_policy).pvalue
    normal = (np.minimum(*k2) >= ALPHA_NORMALITY) & np.isfinite(welch)
    return np.where(normal, welch, rank), np.where(normal, "Welch t-test", "Mann-Whitney U").astype(object)


def _log2_fold_change(mean_negative: np.ndarray, mean_positive: np.ndarray) -> np.ndarray:
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        same_sign = mean_negative * np.sign(mean_positive) > 0
        change = np.log2(np.abs(mean_positive)) - np.log2(np.abs(mean_negative))
    return np.where(same_sign & np.isfinite(change), change, np.nan)
