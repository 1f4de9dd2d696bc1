"""The five fold networks of one model as one predictor, and the network whose space the deep features live in."""

from dataclasses import dataclass

import numpy as np

from worker.compute.classifier.training import Network
from worker.compute.errors import InsufficientData
from worker.compute.tables import FeatureTable


@dataclass(frozen=True, kw_only=True, eq=False)
class Ensemble:
    """``members`` are the fold networks; their mean probability is the model's.

    ``refit`` was trained once more on the whole training part. The class tokens of the members lie in five unrelated
    spaces and cannot be averaged, so deep features come from ``refit`` alone.
    """

    name: str
    sources: tuple[str, ...]
    members: tuple[Network, ...]
    refit: Network | None = None

    def can_predict(self, table: FeatureTable) -> np.ndarray:
        """Rows (n,) bool that have at least one of the model's image sources."""
        return rows_with_source(table, self.sources)

    def predict(self, table: FeatureTable) -> np.ndarray:
        """The mean probability (n,) of the positive class; NaN for a row that has none of the model's sources."""
        mean = np.mean([member.probabilities(table) for member in self.members], axis=0)
        return np.where(self.can_predict(table), mean, np.nan)

    def deep_features(self, table: FeatureTable) -> np.ndarray:
        """Deep feature vectors (n, width) of the refitted network."""
        if self.refit is None:
            raise InsufficientData(f"The model {self.name} was trained without a refit, so it has no deep features.")
        return self.refit.deep_features(table)


def rows_with_source(table: FeatureTable, sources: tuple[str, ...]) -> np.ndarray:
    """Rows (n,) bool with a value in any of the sources."""
    held = [table.sources[name].present for name in sources if name in table.sources]
    return np.any(held, axis=0) if held else np.zeros(len(table), dtype=bool)
