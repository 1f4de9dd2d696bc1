"""PETRA's nnU-Net trainer: keeps the true best validation Dice, saves atomically, resumes, stops and reports."""

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from nnunetv2.training.lr_scheduler.polylr import PolyLRScheduler
from nnunetv2.training.nnUNetTrainer.nnUNetTrainer import nnUNetTrainer

from worker.compute.errors import RunCancelled
from worker.compute.segmentation.atomic import write_atomically
from worker.compute.segmentation.manifest import CHECKPOINT_FILE
from worker.compute.segmentation.settings import SegmentationSettings

LATEST_FILE = "checkpoint_latest.pth"
CURVES = {"train_loss": "train_losses", "validation_loss": "val_losses", "dice": "mean_fg_dice", "learning_rate": "lrs"}


class PetraTrainer(nnUNetTrainer):
    """nnU-Net's trainer with its defaults; ``configure`` is called between construction and ``run_training``.

    The parent keeps the best exponential average of the validation Dice, which one NaN epoch freezes; the paper keeps
    the best validation Dice, and so does this class: Dice over the epoch's validation patches, pooled over voxels.
    """

    settings: SegmentationSettings
    work_fold_dir: Path
    emit: Callable[..., None]
    is_stopped: Callable[[], bool]
    best_dice: float = -math.inf

    def configure(
        self,
        settings: SegmentationSettings,
        model_dir: Path,
        work_dir: Path,
        emit: Callable[..., None],
        is_stopped: Callable[[], bool],
    ) -> None:
        self.settings, self.emit, self.is_stopped = settings, emit, is_stopped
        self.num_epochs = settings.epochs
        self.num_iterations_per_epoch = settings.iterations_per_epoch
        self.num_val_iterations_per_epoch = settings.validation_iterations_per_epoch
        self.configuration_manager.configuration["batch_dice"] = settings.batch_dice
        self.initial_lr = settings.initial_learning_rate
        self.oversample_foreground_percent = settings.foreground_patch_fraction
        self.output_folder_base = str(model_dir)
        self.output_folder = str(model_dir / f"fold_{self.fold}")
        self.work_fold_dir = work_dir / f"fold_{self.fold}"

    @property
    def best_path(self) -> Path:
        return Path(self.output_folder) / CHECKPOINT_FILE

    @property
    def latest_path(self) -> Path:
        return self.work_fold_dir / LATEST_FILE

    def initialize(self) -> None:
        super().initialize()
        if self.device.type == "cpu":
            # oneDNN's 3D convolutions are two to four times faster in this order; the weights are the same.
            self.network.to(memory_format=torch.channels_last_3d)

    def configure_rotation_dummyDA_mirroring_and_inital_patch_size(self) -> tuple[Any, Any, Any, tuple[int, ...]]:
        """The parent's augmentation, mirrored only over the axes over which a prediction is mirrored too."""
        chosen = super().configure_rotation_dummyDA_mirroring_and_inital_patch_size()
        kept = tuple(axis for axis in chosen[3] if axis in self.settings.mirrored_axes)
        self.inference_allowed_mirroring_axes = kept
        return *chosen[:3], kept

    def configure_optimizers(self) -> tuple[Any, Any]:
        """The parent's polynomial decay, an epoch a step, over the optimizer of the settings."""
        if self.settings.optimizer == "adamw":
            adamw = torch.optim.AdamW(self.network.parameters(), lr=self.initial_lr, weight_decay=self.weight_decay)
            return adamw, PolyLRScheduler(adamw, self.initial_lr, self.num_epochs)
        optimizer, scheduler = super().configure_optimizers()
        for group in optimizer.param_groups:
            group["momentum"] = self.settings.momentum
        return optimizer, scheduler

    def train_step(self, batch: dict) -> dict:
        if self.is_stopped():
            raise RunCancelled("The training was stopped; start it again to go on from its last epoch.")
        return super().train_step(batch)

    def on_epoch_end(self) -> None:
        """Keeps the best and the latest state and reports the epoch; the parent draws a picture too."""
        epoch = self.current_epoch
        values = {name: float(self.logger.my_fantastic_logging[key][epoch]) for name, key in CURVES.items()}
        if math.isfinite(values["dice"]) and values["dice"] > self.best_dice:
            self.best_dice = values["dice"]
            self.save_best()
        self.current_epoch += 1
        self.save_latest()
        finite = {name: value if math.isfinite(value) else None for name, value in values.items()}
        self.emit("epoch", fold=self.fold, epoch=epoch, epochs=self.num_epochs, **finite)

    def on_train_end(self) -> None:
        """The parent's end without its final checkpoint: the best one is the model."""
        if not math.isfinite(self.best_dice):
            self.save_best()
        self.disable_checkpointing = True
        super().on_train_end()

    def save_best(self) -> None:
        """Weights and what prediction needs, as plain values, so that they load with ``weights_only=True``."""
        content = {
            "network_weights": self.network.state_dict(),
            "configuration": self.configuration_name,
            "mirroring_axes": self.inference_allowed_mirroring_axes,
            "epoch": self.current_epoch,
            "dice": self.best_dice if math.isfinite(self.best_dice) else None,
        }
        write_atomically(self.best_path, lambda path: torch.save(content, path))

    def save_latest(self) -> None:
        """Everything that resuming needs; ``current_epoch`` is the epoch that comes next."""
        content = {
            "network_weights": self.network.state_dict(),
            "optimizer_state": self.optimizer.state_dict(),
            "scaler_state": self.grad_scaler.state_dict() if self.grad_scaler else None,
            "curves": _plain(self.logger.get_checkpoint()),
            "current_epoch": self.current_epoch,
            "best_dice": self.best_dice,
        }
        write_atomically(self.latest_path, lambda path: torch.save(content, path))

    def resume(self) -> bool:
        """Continues from the latest epoch that was saved; False where there is none."""
        if not self.latest_path.exists():
            return False
        self.initialize()
        content = torch.load(self.latest_path, map_location=self.device, weights_only=True)
        self.network.load_state_dict(content["network_weights"])
        self.optimizer.load_state_dict(content["optimizer_state"])
        if self.grad_scaler and content["scaler_state"]:
            self.grad_scaler.load_state_dict(content["scaler_state"])
        self.logger.load_checkpoint(content["curves"])
        self.current_epoch, self.best_dice = content["current_epoch"], content["best_dice"]
        return True

    def curves(self) -> dict[str, list[float | None]]:
        """Train and validation loss, validation Dice and learning rate, one value per finished epoch."""
        logged = self.logger.my_fantastic_logging
        return {
            name: [float(v) if math.isfinite(v) else None for v in logged[key][: self.current_epoch]]
            for name, key in CURVES.items()
        }

    def plot_network_architecture(self) -> None:
        """Nothing: the picture needs a library that is not installed."""

    def _save_debug_information(self) -> None:
        """Nothing: the parent writes the machine's name into the model folder."""


def _plain(value: Any) -> Any:
    """numpy scalars as Python numbers: a checkpoint of plain values loads without unpickling classes."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value.item() if isinstance(value, np.generic) else value
