"""Everything that is fitted to features before the network: imputation, variance filter, robust scaling, selection."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import rankdata

from worker.compute.classifier.settings import TrainingSettings
from worker.compute.errors import UnreadableInput
from worker.compute.tables import CLINICAL, FeatureTable, Source

CLIP = 4.0
"""Robust z-scores beyond this are cut: exponential and square images have tails of many decades."""

IQR_OF_NORMAL = 1.349
"""The interquartile range of a standard normal distribution, so that a robust z-score is read like a z-score."""

CANDIDATES_PER_FEATURE = 10
"""How many of the best ranked features per selected one enter the correlation pruning."""


@dataclass(frozen=True, kw_only=True, eq=False)
class SourcePreparation:
    """The selected features of one source with their centre (median) and scale (robust); arrays of shape (k,)."""

    source: str
    names: tuple[str, ...]
    center: np.ndarray
    scale: np.ndarray

    def transform(self, source: Source) -> tuple[np.ndarray, np.ndarray]:
        """Robust z-scores float32 (n, k), a missing value at the median (0), and which rows lack the source (n,)."""
        columns = _column_positions(source.names, self.names, self.source)
        z = np.clip((source.values[:, columns] - self.center) / self.scale, -CLIP, CLIP)
        return np.nan_to_num(z, nan=0.0).astype(np.float32), ~source.present


@dataclass(frozen=True, kw_only=True, eq=False)
class Preparation:
    """The prepared sources of one model in the order of its tokens."""

    sources: tuple[SourcePreparation, ...]

    @property
    def token_names(self) -> tuple[str, ...]:
        return tuple(name for source in self.sources for name in source.names)

    def transform(self, table: FeatureTable) -> tuple[np.ndarray, np.ndarray]:
        """Token values float32 (n, tokens) and which of them are missing because the patient lacks the source."""
        absent = [s.source for s in self.sources if s.source not in table.sources]
        if absent:
            raise UnreadableInput(f"The table has no columns of {', '.join(absent)}, which the model was trained on.")
        parts = [s.transform(table.sources[s.source]) for s in self.sources]
        missing = [np.repeat(lacks[:, None], z.shape[1], axis=1) for z, lacks in parts]
        return np.concatenate([z for z, _ in parts], axis=1), np.concatenate(missing, axis=1)


def _column_positions(available: Sequence[str], wanted: Sequence[str], source: str) -> list[int]:
    position = {name: i for i, name in enumerate(available)}
    missing = [name for name in wanted if name not in position]
    if missing:
        raise UnreadableInput(
            f"The table lacks {len(missing)} features of {source} that the model needs: {missing[0]}."
        )
    return [position[name] for name in wanted]


def fit_preparation(table: FeatureTable, sources: Sequence[str], settings: TrainingSettings) -> Preparation | None:
    """Fits to the rows of ``table`` alone (a fold's training rows); None if no feature varies in them."""
    fitted = (_fit_source(name, table.sources[name], table.labels, settings) for name in sources)
    kept = tuple(source for source in fitted if source is not None)
    return Preparation(sources=kept) if kept else None


def _fit_source(name: str, source: Source, labels: np.ndarray, settings: TrainingSettings) -> SourcePreparation | None:
    rows = source.present
    if rows.sum() < 2:
        return None
    values = source.values[rows]
    usable = np.isfinite(values).any(axis=0)
    filled = values[:, usable]
    low, center, high = _quartiles(filled)
    filled = np.where(np.isfinite(filled), filled, center)
    varies = filled.max(axis=0) > filled.min(axis=0)
    columns = np.flatnonzero(usable)[varies]
    if not columns.size:
        return None
    filled, center = filled[:, varies], center[varies]
    scale = _robust_scale(filled, center, (high - low)[varies])
    z = np.clip((filled - center) / scale, -CLIP, CLIP)
    chosen = _select(z, labels[rows], settings, keep_all=name == CLINICAL)
    names = tuple(source.names[i] for i in columns[chosen])
    return SourcePreparation(source=name, names=names, center=center[chosen], scale=scale[chosen])


def _quartiles(values: np.ndarray) -> np.ndarray:
    """Quartiles (3, p) of the values that are there; only columns with holes take NumPy's slow way past NaN."""
    holes = np.isnan(values).any(axis=0)
    quartiles = np.percentile(values, [25, 50, 75], axis=0)
    if holes.any():
        quartiles[:, holes] = np.nanpercentile(values[:, holes], [25, 50, 75], axis=0)
    return quartiles


def _robust_scale(filled: np.ndarray, center: np.ndarray, iqr: np.ndarray) -> np.ndarray:
    """IQR over that of a normal distribution; the mean deviation where half the values are equal (indicators)."""
    deviation = np.abs(filled - center).mean(axis=0)
    return np.where(iqr > 0, iqr / IQR_OF_NORMAL, deviation)


def _select(z: np.ndarray, labels: np.ndarray, settings: TrainingSettings, *, keep_all: bool) -> np.ndarray:
    """Positions of the features with the largest univariate separation, pruned greedily by correlation."""
    k = settings.features_per_source
    if keep_all and z.shape[1] <= k:
        return np.arange(z.shape[1])
    ranked = np.argsort(-separation(z, labels), kind="stable")[: k * CANDIDATES_PER_FEATURE]
    correlation = np.abs(np.nan_to_num(np.corrcoef(z[:, ranked], rowvar=False).reshape(len(ranked), len(ranked))))
    chosen: list[int] = []
    for candidate in range(len(ranked)):
        if all(correlation[candidate, other] <= settings.correlation_limit for other in chosen):
            chosen.append(candidate)
        if len(chosen) == k:
            break
    return ranked[chosen]


def separation(z: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """|AUC - 0.5| of each column (n, p) against the labels: 0 for none, 0.5 for complete separation."""
    positive = int(labels.sum())
    if positive in (0, len(labels)):
        return np.zeros(z.shape[1])
    rank_sum = rankdata(z, axis=0)[labels == 1].sum(axis=0)
    auc = (rank_sum - positive * (positive + 1) / 2) / (positive * (len(labels) - positive))
    return np.abs(auc - 0.5)
