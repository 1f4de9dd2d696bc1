"""Training of one network: preparation fitted, epochs run, stopped early by patients that nothing is reported on."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import torch
from sklearn.model_selection import StratifiedGroupKFold
from torch import nn

from worker.compute.classifier.encoder import RadiomicTransformer
from worker.compute.classifier.preparation import Preparation, fit_preparation
from worker.compute.classifier.settings import TrainingSettings
from worker.compute.tables import FeatureTable

MINIMUM_IMPROVEMENT = 1e-3
"""A stopping loss must fall by this much to count as better; below it is noise of a dozen patients."""

DECIMALS = 10

Batch = tuple[torch.Tensor, torch.Tensor, torch.Tensor]


@dataclass(frozen=True, kw_only=True)
class EpochLoss:
    """Binary cross-entropy (nats) after one epoch; ``validation`` is None when no fold is held out."""

    epoch: int
    train: float
    validation: float | None
    stopping: float | None


@dataclass(frozen=True, kw_only=True, eq=False)
class Network:
    """A trained network with the preparation that feeds it. ``state`` are its weights by name, float32."""

    preparation: Preparation
    settings: TrainingSettings
    state: dict[str, np.ndarray]

    def _apply(self, table: FeatureTable, read: Callable[[RadiomicTransformer], Callable]) -> np.ndarray:
        """In float64 and rounded, so that a patient's number does not depend on who else is in the table."""
        module = RadiomicTransformer(len(self.preparation.token_names), self.settings)
        module.load_state_dict({name: torch.from_numpy(value) for name, value in self.state.items()})
        with deterministic(0), torch.no_grad():
            values, missing = (torch.from_numpy(a) for a in self.preparation.transform(table))
            return np.round(read(module.double().eval())(values.double(), missing).numpy(), DECIMALS)

    def probabilities(self, table: FeatureTable) -> np.ndarray:
        """The probability (n,) float64 of the positive class."""
        return self._apply(table, lambda module: lambda *tokens: torch.sigmoid(module(*tokens)))

    def deep_features(self, table: FeatureTable) -> np.ndarray:
        """The class token after the encoder, (n, width) float64."""
        return self._apply(table, lambda module: module.embed)


@contextmanager
def deterministic(seed: int) -> Iterator[None]:
    """One thread and one seed for torch inside the block; the caller's own are given back after it."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            yield
    finally:
        torch.set_num_threads(threads)


def train_network(
    train: FeatureTable,
    sources: Sequence[str],
    settings: TrainingSettings,
    *,
    seed: int,
    validation: FeatureTable | None = None,
) -> tuple[Network, tuple[EpochLoss, ...]] | None:
    """Trains on ``train`` and returns the network of the best stopping loss with its loss curve.

    Part of ``train`` is set aside to decide when to stop, before anything is fitted. ``validation`` is only watched:
    deciding by it would make its own figures too good. None if no feature varies.
    """
    fit_rows, stop_rows = stopping_part(train, settings, seed)
    fitted, stopping = train.rows(fit_rows), train.rows(stop_rows)
    preparation = fit_preparation(fitted, sources, settings)
    if preparation is None:
        return None
    with deterministic(seed):
        module = RadiomicTransformer(len(preparation.token_names), settings)
        watched = [
            _batch(preparation, part) if part is not None and len(part) else None for part in (validation, stopping)
        ]
        state, curve = _run_epochs(module, _batch(preparation, fitted), watched[0], watched[1], settings)
    arrays = {name: value.numpy().copy() for name, value in state.items()}
    return Network(preparation=preparation, settings=settings, state=arrays), curve


def stopping_part(train: FeatureTable, settings: TrainingSettings, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Row positions to fit and to stop by, stratified by label, a patient's rows together; the latter may be empty."""
    parts = round(1 / settings.stopping_fraction)
    everything = np.arange(len(train))
    per_label = [len({g for g, y in zip(train.groups, train.labels, strict=True) if y == label}) for label in (0, 1)]
    if min(per_label) < parts:
        return everything, everything[:0]
    splitter = StratifiedGroupKFold(n_splits=parts, shuffle=True, random_state=seed % 2**32)
    return next(iter(splitter.split(everything, train.labels, train.groups)))


def _batch(preparation: Preparation, table: FeatureTable) -> Batch:
    values, missing = preparation.transform(table)
    return torch.from_numpy(values), torch.from_numpy(missing), torch.from_numpy(table.labels.astype(np.float32))


def _run_epochs(
    module: RadiomicTransformer,
    train: Batch,
    validation: Batch | None,
    stopping: Batch | None,
    settings: TrainingSettings,
) -> tuple[dict[str, torch.Tensor], tuple[EpochLoss, ...]]:
    optimiser = torch.optim.AdamW(module.parameters(), settings.learning_rate, weight_decay=settings.weight_decay)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, settings.learning_rate, total_steps=settings.max_epochs * _steps(train, settings) + 1, pct_start=0.2
    )
    curve: list[EpochLoss] = []
    best, best_epoch, best_state = np.inf, 0, _copy(module)
    for epoch in range(1, settings.max_epochs + 1):
        train_loss = _one_epoch(module, train, optimiser, schedule, settings)
        stop_loss = _loss(module, stopping)
        curve.append(EpochLoss(epoch=epoch, train=train_loss, validation=_loss(module, validation), stopping=stop_loss))
        if stop_loss is None or stop_loss < best - MINIMUM_IMPROVEMENT:
            best, best_epoch, best_state = stop_loss if stop_loss is not None else np.inf, epoch, _copy(module)
        elif epoch - best_epoch >= settings.patience:
            break
    return best_state, tuple(curve)


def _steps(train: Batch, settings: TrainingSettings) -> int:
    return -(-len(train[2]) // settings.batch_size)


def _one_epoch(module, train: Batch, optimiser, schedule, settings: TrainingSettings) -> float:  # type: ignore[no-untyped-def]
    module.train()
    total = 0.0
    for rows in torch.randperm(len(train[2])).chunk(_steps(train, settings)):
        loss = nn.functional.binary_cross_entropy_with_logits(module(train[0][rows], train[1][rows]), train[2][rows])
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(module.parameters(), 1.0)
        optimiser.step()
        schedule.step()
        total += float(loss.detach()) * len(rows)
    return total / len(train[2])


def _loss(module: RadiomicTransformer, batch: Batch | None) -> float | None:
    if batch is None:
        return None
    module.eval()
    with torch.no_grad():
        return float(nn.functional.binary_cross_entropy_with_logits(module(batch[0], batch[1]), batch[2]))


def _copy(module: RadiomicTransformer) -> dict[str, torch.Tensor]:
    return {name: value.detach().clone() for name, value in module.state_dict().items()}
