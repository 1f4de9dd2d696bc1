"""The test that a variable asks for, against SciPy and hand-made tables."""

import numpy as np
import pytest
from scipy import stats

from worker.compute.statistics import associate, compare_groups, correlate, hedges_g

RNG = np.random.default_rng(1)
NORMAL = [RNG.normal(m, 1, 40) for m in (0.0, 1.0, 0.5)]
SKEWED = [np.exp(2 * values) for values in NORMAL]


def compared(parts: list[np.ndarray]):
    return compare_groups(np.concatenate(parts), [f"g{i}" for i, part in enumerate(parts) for _ in part])


@pytest.mark.parametrize(
    ("parts", "test", "p"),
    [
        (NORMAL[:2], "Welch t-test", stats.ttest_ind(*NORMAL[:2], equal_var=False).pvalue),
        (SKEWED[:2], "Mann-Whitney U", stats.mannwhitneyu(*SKEWED[:2]).pvalue),
        (NORMAL, "ANOVA", stats.f_oneway(*NORMAL).pvalue),
        (SKEWED, "Kruskal-Wallis H", stats.kruskal(*SKEWED).pvalue),
    ],
)
def test_the_distribution_chooses_the_test(parts: list[np.ndarray], test: str, p: float) -> None:
    found = compared(parts)
    assert found.test == test and found.p == pytest.approx(p) and found.n == tuple(len(x) for x in parts)


def test_what_cannot_be_compared_has_no_p_but_a_reason() -> None:
    assert compare_groups([1.0, 2.0, np.nan], ["a", "b", "b"]).p is None
    assert "equal" in compare_groups([1.0] * 6, ["a", "b"] * 3).reason


def test_association_is_exact_where_counts_are_small() -> None:
    big = associate(["a"] * 40 + ["b"] * 40, (["x"] * 30 + ["y"] * 10) + (["x"] * 10 + ["y"] * 30))
    assert big.test == "chi-square" and big.p == pytest.approx(
        stats.chi2_contingency([[30, 10], [10, 30]], correction=False).pvalue
    )
    assert big.cramers_v == pytest.approx(0.5)
    small = associate(["a"] * 4 + ["b"] * 4, ["x", "x", "x", "y", "y", "y", "y", "x"])
    assert small.test == "Fisher exact" and small.p == pytest.approx(stats.fisher_exact([[3, 1], [1, 3]]).pvalue)


def test_larger_sparse_tables_use_monte_carlo_reproducibly() -> None:
    clusters, kinds = list("aaabbbccc"), list("xxxyyyzzz")
    one, two = associate(clusters, kinds, seed=1), associate(clusters, kinds, seed=1)
    assert "Freeman" in one.test and one.p == two.p and one.p < 0.05 and one.n == 9
    assert associate(["a", "a"], ["x", "y"]).p is None


def test_pearson_and_hedges() -> None:
    x = NORMAL[0]
    assert correlate(x, 2 * x + NORMAL[1]).effect == pytest.approx(stats.pearsonr(x, 2 * x + NORMAL[1]).statistic)
    assert correlate([1, 2], [1, 2]).reason
    g = hedges_g(NORMAL[0][:, None], NORMAL[1][:, None])[0]
    pooled = np.sqrt((NORMAL[0].var(ddof=1) + NORMAL[1].var(ddof=1)) / 2)
    assert g == pytest.approx((NORMAL[1].mean() - NORMAL[0].mean()) / pooled * (1 - 3 / (4 * 78 - 1)))
