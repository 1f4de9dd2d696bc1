"""Cross-validation folds by patient: a patient's cases are all in training or all in validation."""

import json
from pathlib import Path

import numpy as np
from sklearn.model_selection import GroupKFold

from worker.compute.errors import ComputeError, InsufficientData, UnreadableInput
from worker.compute.segmentation.dataset import TrainingCase

Fold = dict[str, list[str]]
"""nnU-Net's form: ``{"train": [case, …], "val": [case, …]}``."""

SPLITS_FILE = "splits_final.json"
FEWEST_FOLDS = 2


def choose_folds(dataset_dir: Path, cases: list[TrainingCase], folds: int, seed: int) -> list[Fold]:
    """The folds of ``splits_final.json`` where the dataset brings one, otherwise ``folds`` random ones by patient.

    Fewer patients than folds make one fold per patient. Raises InsufficientData below two patients.
    """
    path = dataset_dir / SPLITS_FILE
    if path.exists():
        return _checked(_read(path), cases, path)
    patients = {case.patient for case in cases}
    if len(patients) < FEWEST_FOLDS:
        raise InsufficientData(
            f"Training needs at least {FEWEST_FOLDS} patients, this dataset has {len(patients)}; add cases."
        )
    return patient_folds(cases, min(folds, len(patients)), seed)


def patient_folds(cases: list[TrainingCase], folds: int, seed: int) -> list[Fold]:
    """``folds`` folds of about equal numbers of cases, shuffled by ``seed``."""
    names = np.array([case.name for case in cases])
    groups = [case.patient for case in cases]
    splitter = GroupKFold(n_splits=folds, shuffle=True, random_state=seed)
    return [
        {"train": names[train].tolist(), "val": names[validation].tolist()}
        for train, validation in splitter.split(names, groups=groups)
    ]


def _read(path: Path) -> list[Fold]:
    try:
        folds = [
            {part: [str(n) for n in fold[part]] for part in ("train", "val")} for fold in json.loads(path.read_text())
        ]
    except (ValueError, KeyError, TypeError) as error:
        raise UnreadableInput(
            f"{path} is not a list of folds with 'train' and 'val'; write it as nnU-Net does."
        ) from error
    if not folds:
        raise UnreadableInput(f"{path} holds no fold; write it as nnU-Net does.")
    return folds


def _checked(folds: list[Fold], cases: list[TrainingCase], path: Path) -> list[Fold]:
    patient_of = {case.name: case.patient for case in cases}
    validated: set[str] = set()
    for number, fold in enumerate(folds):
        unknown = sorted(set(fold["train"] + fold["val"]) - patient_of.keys())
        if unknown:
            raise ComputeError(
                f"{path.name} names {unknown[0]} in fold {number}, which is not in imagesTr; correct the file."
            )
        if not fold["train"] or not fold["val"]:
            raise ComputeError(
                f"{path.name} leaves fold {number} without training or validation cases; correct the file."
            )
        leaked = sorted({patient_of[n] for n in fold["train"]} & {patient_of[n] for n in fold["val"]})
        if leaked:
            raise ComputeError(
                f"{path.name} has patient {leaked[0]} in training and validation of fold {number}; move all cases."
            )
        twice = sorted(validated & set(fold["val"]))
        if twice:
            raise ComputeError(f"{path.name} validates {twice[0]} in two folds; a case has one out-of-fold mask.")
        validated |= set(fold["val"])
    return folds
