"""What a training can be told; the paper does not print the size of its Transformer, so these are ours."""

from dataclasses import asdict, dataclass

ALGORITHM_VERSION = 1
"""Raised whenever the same settings and seed would give other numbers."""


@dataclass(frozen=True, kw_only=True)
class TrainingSettings:
    """Sizes suit about 200 patients: few tokens, one narrow encoder layer, strong regularisation.

    ``features_per_source`` tokens are selected per source inside every fold, none correlated above
    ``correlation_limit`` with another. ``stopping_fraction`` of a fold's training part decides when to stop;
    the fold's validation part never does.
    """

    features_per_source: int = 12
    correlation_limit: float = 0.85
    width: int = 32
    heads: int = 4
    layers: int = 1
    dropout: float = 0.2
    token_dropout: float = 0.15
    learning_rate: float = 2e-3
    weight_decay: float = 0.05
    batch_size: int = 32
    max_epochs: int = 40
    patience: int = 8
    stopping_fraction: float = 0.15

    def to_json(self) -> dict:
        return {"algorithm_version": ALGORITHM_VERSION, **asdict(self)}

    @classmethod
    def from_json(cls, value: dict) -> "TrainingSettings":
        return cls(**{key: v for key, v in value.items() if key != "algorithm_version"})
