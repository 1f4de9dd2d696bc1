"""Trains a model on a dataset folder: the one call that a job and the command line make."""

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from worker.compute.segmentation.manifest import (
    MANIFEST_FILE,
    ModelManifest,
    file_sha256,
    model_files,
    write_manifest,
)
from worker.compute.segmentation.process import SPEC_FILE, never_cancelled, run_training
from worker.compute.segmentation.progress import TrainingProgress
from worker.compute.segmentation.settings import SegmentationSettings
from worker.compute.segmentation.spec import TrainingSpec
from worker.compute.types import ProgressCallback, ignore_progress

LIBRARIES = ("nnunetv2", "torch", "numpy", "simpleitk")


@dataclass(frozen=True, kw_only=True)
class FoldTraining:
    """One fold: the best validation Dice, a value per epoch for each curve, and the Dice of each patient it never saw.

    ``curves`` has train_loss, validation_loss, dice and learning_rate; ``best_dice`` is pooled over validation patches,
    ``out_of_fold_dice`` is per case on its own grid.
    """

    fold: int
    best_dice: float | None
    curves: dict[str, list[float | None]]
    out_of_fold_dice: dict[str, float]


@dataclass(frozen=True, kw_only=True)
class SegmentationTraining:
    """A trained ensemble. ``manifest`` is {file: SHA-256}; a caller keeps ``manifest_sha256`` to know it again."""

    model_dir: Path
    out_of_fold_dir: Path
    folds: list[FoldTraining]
    manifest: dict[str, str]
    manifest_sha256: str

    @property
    def mean_out_of_fold_dice(self) -> float:
        values = [dice for fold in self.folds for dice in fold.out_of_fold_dice.values()]
        return sum(values) / len(values)


def train(
    dataset_dir: Path,
    out_dir: Path,
    settings: SegmentationSettings,
    on_progress: ProgressCallback = ignore_progress,
    is_cancelled: Callable[[], bool] = never_cancelled,
) -> SegmentationTraining:
    """Trains one model per fold on nnU-Net's raw layout and writes a self-contained model folder.

    ``out_dir`` receives plans.json, dataset.json, fold_K/checkpoint_best.pth, petra_model.json and
    out_of_fold/CASE.nii.gz. A training that was stopped goes on when called again with the same data and settings.
    Raises ComputeError with a sentence for unfit data, RunCancelled when stopped.
    """
    spec = TrainingSpec(dataset_dir=Path(dataset_dir), out_dir=Path(out_dir), settings=settings)
    run_training(spec, TrainingProgress(on_progress), is_cancelled)
    return _finish(spec)


def _finish(spec: TrainingSpec) -> SegmentationTraining:
    prepared = json.loads(spec.prepared_path.read_text())
    results = [json.loads(spec.fold_result_path(k).read_text()) for k in range(len(prepared["folds"]))]
    folds = [
        FoldTraining(
            fold=result["fold"],
            best_dice=result["best_dice"],
            curves=result["curves"],
            out_of_fold_dice=result["dice"],
        )
        for result in results
    ]
    files = {name: file_sha256(spec.out_dir / name) for name in model_files(len(folds))}
    write_manifest(
        spec.out_dir,
        ModelManifest(
            settings=spec.settings.to_json(),
            folds=prepared["folds"],
            best_dice=[fold.best_dice for fold in folds],
            files=files,
            case_sha256=prepared["cases"],
            versions={name: version(name) for name in LIBRARIES},
        ),
    )
    shutil.rmtree(spec.work_dir)
    (spec.out_dir / SPEC_FILE).unlink()
    return SegmentationTraining(
        model_dir=spec.out_dir,
        out_of_fold_dir=spec.out_of_fold_dir,
        folds=folds,
        manifest=files,
        manifest_sha256=file_sha256(spec.out_dir / MANIFEST_FILE),
    )
