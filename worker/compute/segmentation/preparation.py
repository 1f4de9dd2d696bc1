"""The first stage of a training: check the cases, choose folds, plan and preprocess; done once, also when resumed."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

from worker.compute.errors import RunCancelled
from worker.compute.segmentation.atomic import write_text_atomically
from worker.compute.segmentation.dataset import TrainingCase, case_digests, check_case, dataset_json, find_cases
from worker.compute.segmentation.environment import DATASET_NAME, planning_environment, preprocessed_root, raw_root
from worker.compute.segmentation.folds import SPLITS_FILE, choose_folds
from worker.compute.segmentation.spec import TrainingSpec


def prepare(spec: TrainingSpec, emit: Callable[..., None], is_stopped: Callable[[], bool]) -> dict:
    """``{"identity", "folds"}`` of the prepared work folder; one prepared for other data or settings is redone."""
    emit("step", step="checking the cases")
    cases = find_cases(spec.dataset_dir)
    folds = choose_folds(spec.dataset_dir, cases, spec.settings.folds, spec.settings.seed)
    identity = {"settings": spec.settings.to_json(), "cases": case_digests(cases), "folds": folds}
    if spec.prepared_path.exists() and json.loads(spec.prepared_path.read_text()) == identity:
        return identity
    for case in cases:
        _stop_if(is_stopped)
        check_case(case)
    clear_outputs(spec)
    _plan_and_preprocess(spec, cases, folds, emit, is_stopped)
    write_text_atomically(spec.prepared_path, json.dumps(identity))
    return identity


def clear_outputs(spec: TrainingSpec) -> None:
    """Removes what an earlier training with other data or settings left; only folders that a training makes."""
    shutil.rmtree(spec.work_dir, ignore_errors=True)
    shutil.rmtree(spec.out_of_fold_dir, ignore_errors=True)
    for fold_dir in spec.out_dir.glob("fold_*"):
        shutil.rmtree(fold_dir)


def _plan_and_preprocess(spec: TrainingSpec, cases: list[TrainingCase], folds: list, emit, is_stopped) -> None:
    # nnU-Net reads its roots while it is imported, so this waits until the runner has set them.
    from worker.compute.segmentation.planner import PetraPlanner, fingerprint, preprocess

    raw_dir, preprocessed_dir = raw_root(spec.work_dir) / DATASET_NAME, preprocessed_root(spec.work_dir) / DATASET_NAME
    for folder in (raw_dir, preprocessed_dir):
        folder.mkdir(parents=True)
    dataset = dataset_json(cases, spec.settings.pet_normalisation)
    on_case = _case_reporter(len(cases), emit, is_stopped)
    _write_json(raw_dir / "dataset.json", dataset)
    _write_json(preprocessed_dir / SPLITS_FILE, folds)
    found = fingerprint(cases, spec.settings, lambda case: on_case("measuring", case))
    _write_json(preprocessed_dir / "dataset_fingerprint.json", found)
    emit("step", step="planning")
    with planning_environment():
        PetraPlanner(spec.settings).plan_experiment()
    preprocess(cases, preprocessed_dir, dataset, spec.settings, lambda case: on_case("preprocessing", case))


def _case_reporter(total: int, emit: Callable[..., None], is_stopped: Callable[[], bool]) -> Callable:
    done: dict[str, int] = {}

    def on_case(step: str, case: TrainingCase) -> None:
        _stop_if(is_stopped)
        done[step] = done.get(step, 0) + 1
        emit("case", step=step, case=case.name, done=done[step], total=total)

    return on_case


def _stop_if(is_stopped: Callable[[], bool]) -> None:
    if is_stopped():
        raise RunCancelled("The training was stopped while it was prepared; start it again.")


def _write_json(path: Path, value: object) -> None:
    path.write_text(json.dumps(value, indent=1))
