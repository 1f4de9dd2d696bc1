"""What a model must beat on the same folds: logistic regression, the cancer type alone, the clinical values alone."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

from worker.compute.classifier.preparation import fit_preparation
from worker.compute.classifier.settings import TrainingSettings
from worker.compute.tables import FeatureTable

INVERSE_PENALTY = 0.1
"""Ridge strength for a dozen standardised, weakly correlated features of about 200 patients."""

ORGAN_ONLY = "organ_only"
CLINICAL_ONLY = "clinical_only"

Predictor = Callable[[FeatureTable], np.ndarray]


@dataclass(frozen=True, kw_only=True)
class Baseline:
    """``sources`` is empty for the organ-only baseline, which sees the cancer type and nothing else."""

    name: str
    sources: tuple[str, ...]

    def fit(self, train: FeatureTable, settings: TrainingSettings) -> Predictor | None:
        """A predictor of probabilities fitted to ``train``; None if nothing varies in it."""
        if not self.sources:
            return _fit_organ(train)
        return _fit_logistic(train, self.sources, settings)


def _fit_organ(train: FeatureTable) -> Predictor:
    model = make_pipeline(OneHotEncoder(handle_unknown="ignore"), LogisticRegression())
    model.fit(_cancer_column(train), train.labels)
    return lambda table: model.predict_proba(_cancer_column(table))[:, 1]


def _cancer_column(table: FeatureTable) -> np.ndarray:
    return np.array(table.cancer_types, dtype=object)[:, None]


def _fit_logistic(train: FeatureTable, sources: Sequence[str], settings: TrainingSettings) -> Predictor | None:
    """The same preparation as the network's; a missing source becomes the median and an indicator."""
    preparation = fit_preparation(train, sources, settings)
    if preparation is None:
        return None

    def matrix(table: FeatureTable) -> np.ndarray:
        values, missing = preparation.transform(table)
        starts = np.cumsum([0, *(len(s.names) for s in preparation.sources[:-1])])
        return np.hstack([np.where(missing, 0.0, values), missing[:, starts]])

    model = LogisticRegression(C=INVERSE_PENALTY, max_iter=2000).fit(matrix(train), train.labels)
    return lambda table: model.predict_proba(matrix(table))[:, 1]
