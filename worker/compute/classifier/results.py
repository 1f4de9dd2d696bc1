"""The frozen records of an experiment: predictions, folds, models."""

from dataclasses import asdict, dataclass, field

import numpy as np

from worker.compute.classifier.ensemble import Ensemble
from worker.compute.classifier.settings import TrainingSettings
from worker.compute.classifier.training import EpochLoss
from worker.compute.metrics import NAMES, Evaluation
from worker.compute.splits import Split

TEST = "test"
VALIDATION = "validation"


@dataclass(frozen=True, kw_only=True)
class CasePrediction:
    """One case's probability: by the fold that did not train on it (``validation``) or by the ensemble (``test``)."""

    case_id: str
    group: str
    part: str
    fold: int | None
    label: int
    probability: float


@dataclass(frozen=True, kw_only=True)
class FoldResult:
    """One fold: its loss curve (empty for baselines) and how it does on the patients it never saw."""

    fold: int
    n_train: int
    curve: tuple[EpochLoss, ...]
    selected: tuple[str, ...]
    validation: Evaluation

    def to_json(self) -> dict:
        return {
            "fold": self.fold,
            "n_train": self.n_train,
            **self.validation.to_json(),
            "loss": [asdict(epoch) for epoch in self.curve],
            "selected_features": list(self.selected),
        }


@dataclass(frozen=True, kw_only=True)
class ModelResult:
    """One model or baseline on the common folds and the sealed test set; ``test`` is the mean of the fold models."""

    name: str
    kind: str
    sources: tuple[str, ...]
    folds: tuple[FoldResult, ...]
    test: Evaluation
    predictions: tuple[CasePrediction, ...]

    def arrays(self, part: str) -> tuple[np.ndarray, np.ndarray]:
        """Labels and probabilities of one part, for ROC, precision–recall and calibration curves."""
        rows = [p for p in self.predictions if p.part == part]
        return np.array([p.label for p in rows], dtype=int), np.array([p.probability for p in rows])

    def cross_validation(self) -> dict:
        """Mean over the folds in which a figure is defined; pooling the folds' probabilities would bias the AUC."""
        n = sum(fold.validation.n for fold in self.folds)
        summary: dict = {"n": n}
        for name in NAMES:
            values = [v for f in self.folds if (v := f.validation.metrics[name].value) is not None]
            summary[name] = float(np.mean(values)) if values else None
        return summary

    def to_json(self) -> dict:
        return {
            "kind": self.kind,
            "sources": list(self.sources),
            "folds": [fold.to_json() for fold in self.folds],
            "cross_validation": self.cross_validation(),
            "test": self.test.to_json(),
        }


@dataclass(frozen=True, kw_only=True, eq=False)
class DeepFeatures:
    """Vectors of every case in the space of the combined model's refit, arrays (n, width) in the order of ``case_ids``.

    ``refit`` is the paper's way: one network, trained on the training part, applied to everybody. The training cases'
    labels shaped their own vectors, so an association of their clusters with the label is partly circular.
    ``held_out`` avoids this: a training case's vector comes from the fold network that did not see it, turned into
    the refit's space by the orthogonal Procrustes rotation that fits best on the cases which both were trained on.
    Test cases have the same vector in both.
    """

    case_ids: tuple[str, ...]
    parts: tuple[str, ...]
    labels: np.ndarray
    cancer_types: tuple[str, ...]
    refit: np.ndarray
    held_out: np.ndarray


@dataclass(frozen=True, kw_only=True, eq=False)
class ExperimentResult:
    """All models and baselines of one table and split. ``skipped`` says in a sentence why a model is not there."""

    target: str
    split: Split
    settings: TrainingSettings
    seed: int
    models: dict[str, ModelResult]
    baselines: dict[str, ModelResult]
    ensembles: dict[str, Ensemble]
    deep_features: DeepFeatures | None = None
    skipped: dict[str, str] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()

    def to_json(self) -> dict:
        """metrics.json, by worker/compute/schemas/metrics.schema.json."""
        return {
            "schema_version": 1,
            "target": self.target,
            "seed": self.seed,
            "settings": self.settings.to_json(),
            "split": {
                "n_train": len(self.split.fold_by_id),
                "n_test": len(self.split.test_ids),
                "folds": self.split.folds,
                "test_ids": list(self.split.test_ids),
            },
            "models": {name: model.to_json() for name, model in self.models.items()},
            "baselines": {name: model.to_json() for name, model in self.baselines.items()},
            "skipped": dict(self.skipped),
            "warnings": list(self.warnings),
        }
