"""How well probabilities fit binary labels, each figure with its n, its bootstrap interval, or why it has none."""

from dataclasses import asdict, dataclass

import numpy as np
from sklearn.metrics import precision_recall_curve, roc_auc_score, roc_curve

THRESHOLD = 0.5
"""A probability of at least this is called positive; fixed before training, never tuned on the test set."""

RESAMPLES = 1000
CONFIDENCE = 0.95
CALIBRATION_BINS = 5
"""Few bins: the paper's test set holds about 26 patients."""

NAMES = ("accuracy", "auc", "precision", "specificity", "recall", "f1", "average_precision", "brier")


@dataclass(frozen=True, kw_only=True)
class Metric:
    """One figure. ``value`` is None where it is not defined, and ``reason`` says why in a sentence."""

    value: float | None
    low: float | None = None
    high: float | None = None
    n: int = 0
    reason: str | None = None


@dataclass(frozen=True, kw_only=True)
class Confusion:
    """Counts at the threshold."""

    true_negative: int
    false_positive: int
    false_negative: int
    true_positive: int


@dataclass(frozen=True, kw_only=True)
class Evaluation:
    """All figures of one model on one set of cases; ``metrics`` has the keys of NAMES."""

    n: int
    n_positive: int
    threshold: float
    confusion: Confusion
    metrics: dict[str, Metric]

    def to_json(self) -> dict:
        """Flat: each name with its value, ``ci95`` and ``undefined`` beside them (worker/compute/schemas)."""
        return {
            "n": self.n,
            "n_positive": self.n_positive,
            "threshold": self.threshold,
            "confusion": asdict(self.confusion),
            **{name: metric.value for name, metric in self.metrics.items()},
            "ci95": {k: [m.low, m.high] for k, m in self.metrics.items() if m.low is not None},
            "undefined": {k: m.reason for k, m in self.metrics.items() if m.reason is not None},
        }


def evaluate(
    labels: np.ndarray,
    probabilities: np.ndarray,
    *,
    threshold: float = THRESHOLD,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> Evaluation:
    """Evaluates probabilities of the positive class; ``labels`` 0 or 1, both of shape (n,).

    Intervals are percentiles of ``resamples`` bootstrap draws of cases (none for 0), resamples in which a figure is not
    defined left out.
    """
    y, p = np.asarray(labels, dtype=int), np.asarray(probabilities, dtype=float)
    weights = np.ones((1, len(y)))
    point = _weighted(y, p, threshold, weights)
    draws = {}
    if resamples and len(y) > 1:
        rng = np.random.default_rng(seed)
        draws = _weighted(y, p, threshold, rng.multinomial(len(y), np.full(len(y), 1 / len(y)), size=resamples) * 1.0)
    called = p >= threshold
    return Evaluation(
        n=len(y),
        n_positive=int(y.sum()),
        threshold=threshold,
        confusion=Confusion(
            true_negative=int((~called & (y == 0)).sum()),
            false_positive=int((called & (y == 0)).sum()),
            false_negative=int((~called & (y == 1)).sum()),
            true_positive=int((called & (y == 1)).sum()),
        ),
        metrics={name: _metric(name, point[name][0], draws.get(name), y) for name in NAMES},
    )


def _weighted(y: np.ndarray, p: np.ndarray, threshold: float, weights: np.ndarray) -> dict[str, np.ndarray]:
    """Every figure for each row of case weights (draws, n); NaN where it is not defined."""
    positive, negative = weights * (y == 1), weights * (y == 0)
    called = p >= threshold
    tp, fp = (positive * called).sum(1), (negative * called).sum(1)
    p_n, n_n = positive.sum(1), negative.sum(1)
    with np.errstate(invalid="ignore", divide="ignore"):
        figures = {
            "accuracy": (tp + n_n - fp) / (p_n + n_n),
            "precision": tp / (tp + fp),
            "specificity": (n_n - fp) / n_n,
            "recall": tp / p_n,
            "f1": 2 * tp / (tp + fp + p_n),
            "brier": (weights * (p - y) ** 2).sum(1) / weights.sum(1),
            "auc": _weighted_auc(y, p, weights),
            "average_precision": _weighted_average_precision(y, p, weights),
        }
    figures["f1"] = np.where(p_n > 0, figures["f1"], np.nan)
    return figures


def _weighted_auc(y: np.ndarray, p: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """The Mann–Whitney form of the AUC: the share of positive–negative pairs in the right order, ties one half."""
    pos, neg = y == 1, y == 0
    order = np.sign(p[pos][:, None] - p[neg][None, :]) / 2 + 0.5
    pairs = weights[:, pos].sum(1) * weights[:, neg].sum(1)
    return ((weights[:, pos] @ order) * weights[:, neg]).sum(1) / pairs


def _weighted_average_precision(y: np.ndarray, p: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Precision summed over the steps of recall, equal probabilities as one step (scikit-learn's definition)."""
    order = np.argsort(-p, kind="stable")
    steps = np.flatnonzero(np.append(np.diff(p[order]) != 0, True)) if len(p) else np.array([], dtype=int)
    tp = (weights * (y == 1))[:, order].cumsum(1)[:, steps]
    called = weights[:, order].cumsum(1)[:, steps]
    precision = np.divide(tp, called, out=np.zeros_like(tp), where=called > 0)
    recall = tp / (weights * (y == 1)).sum(1)[:, None]
    return (np.diff(recall, axis=1, prepend=0) * precision).sum(1)


_WHY_UNDEFINED = {
    "auc": "The AUC needs positive and negative cases, and there is only one class.",
    "average_precision": "The average precision needs a positive case, and there is none.",
    "recall": "The recall needs a positive case, and there is none.",
    "f1": "F1 needs a positive case, and there is none.",
    "specificity": "The specificity needs a negative case, and there is none.",
    "precision": "The precision needs a case called positive, and none was.",
}


def _metric(name: str, value: float, draws: np.ndarray | None, y: np.ndarray) -> Metric:
    if len(y) == 0:
        return Metric(value=None, n=0, reason="There is no case to evaluate.")
    if not np.isfinite(value):
        return Metric(value=None, n=len(y), reason=_WHY_UNDEFINED[name])
    low = high = None
    if draws is not None and (defined := draws[np.isfinite(draws)]).size:
        tail = (1 - CONFIDENCE) / 2
        low, high = (float(q) for q in np.quantile(defined, [tail, 1 - tail]))
    return Metric(value=float(value), low=low, high=high, n=len(y))


def area_under_curve(labels: np.ndarray, probabilities: np.ndarray) -> float | None:
    """The ROC AUC, or None where only one class is there."""
    return float(roc_auc_score(labels, probabilities)) if 0 < np.sum(labels) < len(labels) else None


def roc_points(labels: np.ndarray, probabilities: np.ndarray) -> list[dict]:
    """The ROC curve as points; empty where only one class is there."""
    if area_under_curve(labels, probabilities) is None:
        return []
    fpr, tpr, _ = roc_curve(labels, probabilities)
    return [{"false_positive_rate": float(x), "true_positive_rate": float(y)} for x, y in zip(fpr, tpr, strict=True)]


def precision_recall_points(labels: np.ndarray, probabilities: np.ndarray) -> list[dict]:
    """The precision–recall curve as points; empty without a positive case."""
    if not np.sum(labels):
        return []
    precision, recall, _ = precision_recall_curve(labels, probabilities)
    return [{"recall": float(r), "precision": float(p)} for p, r in zip(precision, recall, strict=True)]


def calibration_points(labels: np.ndarray, probabilities: np.ndarray, bins: int = CALIBRATION_BINS) -> list[dict]:
    """Mean prediction against observed share in bins of equal size, each with its n."""
    order = np.argsort(probabilities, kind="stable")
    y, p = np.asarray(labels)[order], np.asarray(probabilities)[order]
    parts = [part for part in np.array_split(np.arange(len(y)), bins) if len(part)]
    return [{"predicted": float(p[i].mean()), "observed": float(y[i].mean()), "n": len(i)} for i in parts]
