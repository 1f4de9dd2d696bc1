"""Metrics against scikit-learn, their intervals, and null with a reason where a figure is not defined."""

import numpy as np
import pytest
from sklearn import metrics as sk

from worker.compute import metrics


@pytest.fixture
def cases() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 2, 60)
    return labels, np.round(np.clip(0.5 + 0.2 * (labels - 0.5) + rng.normal(0, 0.2, 60), 0, 1), 1)


def test_every_figure_equals_scikit_learn(cases) -> None:
    labels, p = cases
    found = metrics.evaluate(labels, p).metrics
    called = (p >= 0.5).astype(int)
    expected = {
        "accuracy": sk.accuracy_score(labels, called),
        "precision": sk.precision_score(labels, called),
        "recall": sk.recall_score(labels, called),
        "specificity": sk.recall_score(labels, called, pos_label=0),
        "f1": sk.f1_score(labels, called),
        "auc": sk.roc_auc_score(labels, p),
        "average_precision": sk.average_precision_score(labels, p),
        "brier": sk.brier_score_loss(labels, p),
    }
    assert {k: m.value for k, m in found.items()} == pytest.approx(expected)
    assert all(m.low <= m.value <= m.high and m.n == 60 for m in found.values())


def test_the_paper_s_test_set_gives_the_paper_s_figures() -> None:
    # Combined model, n = 29: P 14/17, R 14/15, accuracy 25/29, F1 0.8750.
    labels = np.array([1] * 15 + [0] * 14)
    p = np.array([0.9] * 14 + [0.1] + [0.9] * 3 + [0.1] * 11)
    found = metrics.evaluate(labels, p).to_json()
    assert [round(found[k], 4) for k in ("accuracy", "precision", "recall", "f1")] == [0.8621, 0.8235, 0.9333, 0.875]


def test_one_class_gives_null_with_a_reason() -> None:
    found = metrics.evaluate(np.zeros(5, dtype=int), np.full(5, 0.2)).to_json()
    assert found["auc"] is None and found["recall"] is None and found["precision"] is None and found["f1"] is None
    assert found["specificity"] == 1.0 and "one class" in found["undefined"]["auc"]
    assert metrics.evaluate(np.zeros(0, dtype=int), np.zeros(0)).to_json()["accuracy"] is None


def test_intervals_are_reproducible_and_narrow_with_n(cases) -> None:
    labels, p = cases
    one, two = (metrics.evaluate(labels, p, seed=3).metrics["auc"] for _ in range(2))
    wide = metrics.evaluate(labels[:20], p[:20]).metrics["auc"]
    assert one == two and one.high - one.low < wide.high - wide.low


def test_curves(cases) -> None:
    labels, p = cases
    roc = metrics.roc_points(labels, p)
    assert roc[0]["true_positive_rate"] == 0 and roc[-1]["false_positive_rate"] == 1
    assert sum(b["n"] for b in metrics.calibration_points(labels, p)) == 60
    assert metrics.roc_points(np.zeros(3), p[:3]) == [] and metrics.precision_recall_points(np.zeros(3), p[:3]) == []
