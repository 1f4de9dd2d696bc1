"""The second stage: train one fold, then let it segment the patients that it never saw."""

import json
import random
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from nnunetv2.inference.export_prediction import export_prediction_from_logits
from nnunetv2.training.dataloading.nnunet_dataset import infer_dataset_class

from worker.compute.agreement import dice
from worker.compute.nifti import read_nifti
from worker.compute.segmentation.atomic import write_text_atomically
from worker.compute.segmentation.dataset import FILE_ENDING
from worker.compute.segmentation.environment import CONFIGURATION, DATASET_NAME, PLANS_NAME, preprocessed_root
from worker.compute.segmentation.predictor import choose_device, load_predictor
from worker.compute.segmentation.spec import TrainingSpec
from worker.compute.segmentation.trainer import PetraTrainer


def train_fold(
    spec: TrainingSpec,
    fold: int,
    validation_cases: list[str],
    emit: Callable[..., None],
    is_stopped: Callable[[], bool],
) -> None:
    """Trains (or goes on with) a fold and writes its out-of-fold masks; a finished fold is not repeated."""
    result_path = spec.fold_result_path(fold)
    if not result_path.exists():
        seed_everything(spec.settings.seed + fold)
        trainer = make_trainer(spec, fold, emit, is_stopped)
        if trainer.resume():
            emit("resumed", fold=fold, epoch=trainer.current_epoch)
        trainer.run_training()
        emit("step", step=f"segmenting the patients that fold {fold + 1} never saw", fold=fold)
        dice_by_case = write_out_of_fold_masks(spec, fold, validation_cases)
        result = {
            "fold": fold,
            "best_dice": _finite(trainer.best_dice),
            "curves": trainer.curves(),
            "dice": dice_by_case,
        }
        write_text_atomically(result_path, json.dumps(result))
    emit("fold_done", fold=fold)


def seed_everything(seed: int) -> None:
    random.seed(seed)
    np.random.seed(seed)
    torch.manual_seed(seed)


def make_trainer(
    spec: TrainingSpec, fold: int, emit: Callable[..., None], is_stopped: Callable[[], bool]
) -> PetraTrainer:
    """The trainer of a prepared work folder. dataset.json loses its file lists: a model names no path of a machine."""
    prepared_dir = preprocessed_root(spec.work_dir) / DATASET_NAME
    plans = json.loads((prepared_dir / f"{PLANS_NAME}.json").read_text())
    dataset = json.loads((prepared_dir / "dataset.json").read_text())
    dataset.pop("dataset", None)
    trainer = PetraTrainer(plans, CONFIGURATION, fold, dataset, choose_device(spec.settings.device))
    trainer.configure(spec.settings, spec.out_dir, spec.work_dir, emit, is_stopped)
    return trainer


def write_out_of_fold_masks(spec: TrainingSpec, fold: int, cases: list[str]) -> dict[str, float | None]:
    """Masks of the fold's validation cases on their own grids; returns each case's Dice with its label."""
    predictor = load_predictor(spec.out_dir, [fold], spec.settings)
    folder = preprocessed_root(spec.work_dir) / DATASET_NAME / predictor.configuration_manager.data_identifier
    preprocessed = infer_dataset_class(str(folder))(str(folder), list(cases))
    spec.out_of_fold_dir.mkdir(exist_ok=True)
    dice_by_case = {}
    for case in cases:
        data, _, _, properties = preprocessed.load_case(case)
        logits = predictor.predict_logits_from_preprocessed_data(torch.from_numpy(np.array(data[:])))
        path = spec.out_of_fold_dir / case
        export_prediction_from_logits(
            logits,
            properties,
            predictor.configuration_manager,
            predictor.plans_manager,
            predictor.dataset_json,
            str(path),
        )
        dice_by_case[case] = _dice_of_files(
            Path(f"{path}{FILE_ENDING}"), spec.dataset_dir / "labelsTr" / f"{case}{FILE_ENDING}"
        )
    return dice_by_case


def _dice_of_files(mask_path: Path, label_path: Path) -> float | None:
    return dice(read_nifti(mask_path).array_zyx > 0, read_nifti(label_path).array_zyx > 0)


def _finite(value: float) -> float | None:
    return value if np.isfinite(value) else None
