"""Planted clusters are found, compared with their t-SNE image and tested against categories."""

import numpy as np
import pytest

from worker.compute.clustering import cluster_cases
from worker.compute.errors import InsufficientData

TRUTH = np.repeat([0, 1, 2], [30, 20, 10])


def vectors(seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    centres = rng.normal(0, 6, size=(3, 8))
    found = centres[TRUTH] + rng.normal(size=(60, 8))
    found[:, 3] = 1.0
    return found


@pytest.fixture(scope="module")
def result():
    categories = {"tp53": [str(t > 0) for t in TRUTH], "cancer": [("a", "b")[i % 2] for i in range(60)]}
    return cluster_cases(vectors(), [f"P{i}" for i in range(60)], seed=1, compare_with=categories)


def test_the_planted_clusters_are_found_largest_first(result) -> None:
    assert result.k == 3 and set(result.davies_bouldin) == set(range(2, 10))
    assert np.array_equal(result.clusters, TRUTH + 1)
    assert result.agreement_tsne > 0.9 and result.tsne.shape == (60, 2) and result.perplexity < 20


def test_associations(result) -> None:
    assert result.associations["tp53"].p < 0.001 and result.associations["tp53"].cramers_v == pytest.approx(1)
    assert result.associations["cancer"].p > 0.2


def test_the_heat_map_keeps_clusters_together_and_leaves_out_what_is_constant(result) -> None:
    assert (np.diff(result.clusters[result.row_order]) >= 0).all()
    assert sorted(result.column_order) == list(range(7)) and "deep_03" not in result.feature_names


def test_the_seed_decides(result) -> None:
    again = cluster_cases(vectors(), [f"P{i}" for i in range(60)], seed=1)
    assert np.array_equal(again.tsne, result.tsne)


def test_too_few_or_incomplete_cases_are_refused() -> None:
    with pytest.raises(InsufficientData, match="cannot be clustered"):
        cluster_cases(np.ones((20, 4)), [str(i) for i in range(20)], seed=0)
    with pytest.raises(InsufficientData, match="missing"):
        cluster_cases(np.full((20, 4), np.nan), [str(i) for i in range(20)], seed=0)


def test_seven_cases_are_enough() -> None:
    found = cluster_cases(vectors()[::9], [str(i) for i in range(7)], seed=0)
    assert max(found.davies_bouldin) == 6
