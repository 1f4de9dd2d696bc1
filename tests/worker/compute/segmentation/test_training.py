"""nnU-Net at small size, really trained: held-out Dice, out-of-fold masks, refusals, stopping and going on."""

import dataclasses
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.phantoms.small_petct import small_case, write_small_dataset
from worker.compute.__main__ import main
from worker.compute.agreement import dice
from worker.compute.errors import ComputeError, RunCancelled, UnreadableInput
from worker.compute.nifti import read_nifti, write_nifti
from worker.compute.segmentation.manifest import MANIFEST_FILE, read_verified_manifest
from worker.compute.segmentation.predict import predict_case
from worker.compute.segmentation.process import run_training
from worker.compute.segmentation.settings import SMALL
from worker.compute.segmentation.spec import TrainingSpec
from worker.compute.segmentation.training import train
from worker.compute.types import Volume

TRAINING_SEEDS = list(range(10))
HELD_OUT_SEEDS = [101, 102, 103]
SHORT = dataclasses.replace(SMALL, epochs=2, iterations_per_epoch=30)
TINY = dataclasses.replace(
    SMALL,
    epochs=40,
    iterations_per_epoch=2,
    validation_iterations_per_epoch=1,
    folds=2,
    base_features=4,
    parallel_folds=1,
)


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """Five folds of the small recipe, cut to 60 iterations, on ten phantoms: about 70 CPU seconds."""
    root = tmp_path_factory.mktemp("segmentation")
    steps: list[tuple[float, str]] = []
    dataset_dir = write_small_dataset(root / "dataset", TRAINING_SEEDS)
    result = train(dataset_dir, root / "model", SHORT, lambda fraction, step: steps.append((fraction, step)))
    return result, steps, dataset_dir


def test_held_out_phantoms_are_segmented(trained):
    result, _, _ = trained
    scores = []
    for seed in HELD_OUT_SEEDS:
        ct, suv_bw, label = small_case(seed)
        mask = predict_case(result.model_dir, ct, suv_bw)
        assert mask.geometry == ct.geometry
        scores.append(dice(mask.array_zyx > 0, label.array_zyx > 0))
    assert np.mean(scores) > 0.7, scores


def test_every_training_patient_has_an_out_of_fold_mask(trained):
    result, _, dataset_dir = trained
    for seed in TRAINING_SEEDS:
        name = f"case_{seed:03d}"
        mask = read_nifti(result.out_of_fold_dir / f"{name}.nii.gz")
        label = read_nifti(dataset_dir / "labelsTr" / f"{name}.nii.gz")
        assert mask.geometry.same_grid(label.geometry)
        reported = next(fold.out_of_fold_dice[name] for fold in result.folds if name in fold.out_of_fold_dice)
        assert dice(mask.array_zyx > 0, label.array_zyx > 0) == pytest.approx(reported)
    assert result.mean_out_of_fold_dice > 0.7


def test_an_out_of_fold_mask_can_be_made_again_by_the_fold_that_never_saw_the_patient(trained):
    result, _, _ = trained
    manifest = read_verified_manifest(result.model_dir)
    fold = manifest.folds_without("case_000")
    assert len(fold) == 1
    assert manifest.folds_without("a patient from outside") == [0, 1, 2, 3, 4]
    ct, suv_bw, _ = small_case(0)
    mask = predict_case(result.model_dir, ct, suv_bw, folds=fold)
    kept = read_nifti(result.out_of_fold_dir / "case_000.nii.gz")
    assert dice(mask.array_zyx > 0, kept.array_zyx > 0) > 0.98


def test_curves_and_progress_are_complete(trained):
    result, steps, _ = trained
    for fold in result.folds:
        assert {len(values) for values in fold.curves.values()} == {SHORT.epochs}
        assert fold.best_dice == max(value for value in fold.curves["dice"] if value is not None)
        assert fold.curves["learning_rate"][0] == pytest.approx(SHORT.initial_learning_rate)
    fractions = [fraction for fraction, _ in steps]
    assert fractions == sorted(fractions)
    assert fractions[-1] == pytest.approx(1.0)


def test_the_model_names_no_path_of_the_training_data(trained):
    result, _, dataset_dir = trained
    assert not (result.model_dir / "work").exists()
    assert not (result.model_dir / "spec.json").exists()
    for name in [*result.manifest, MANIFEST_FILE]:
        content = (result.model_dir / name).read_bytes()
        assert str(dataset_dir).encode() not in content, name


def test_a_pet_on_its_own_grid_is_resampled(trained):
    result, _, _ = trained
    ct, suv_bw, label = small_case(HELD_OUT_SEEDS[0])
    geometry = dataclasses.replace(
        suv_bw.geometry,
        size_xyz=(16, 16, 24),
        spacing_mm=(16.0, 16.0, 8.0),
        origin_lps_mm=tuple(o + s for o, s in zip(suv_bw.geometry.origin_lps_mm, (4.0, 4.0, 0.0), strict=True)),
    )
    coarse_zyx = suv_bw.array_zyx.reshape(24, 16, 2, 16, 2).mean(axis=(2, 4))
    mask = predict_case(result.model_dir, ct, Volume(array_zyx=coarse_zyx, geometry=geometry, unit="SUVbw"), folds=[0])
    assert mask.geometry == ct.geometry
    assert dice(mask.array_zyx > 0, label.array_zyx > 0) > 0.4


def test_a_foreign_or_changed_model_is_refused(trained, tmp_path):
    result, _, _ = trained
    ct, suv_bw, _ = small_case(0)
    with pytest.raises(UnreadableInput, match="only models that PETRA trained"):
        predict_case(tmp_path, ct, suv_bw)
    with pytest.raises(ComputeError, match="not the manifest that was recorded"):
        predict_case(result.model_dir, ct, suv_bw, manifest_sha256="0" * 64)
    checkpoint = result.model_dir / "fold_2" / "checkpoint_best.pth"
    kept = checkpoint.read_bytes()
    try:
        checkpoint.write_bytes(kept[:-1] + b"x")
        with pytest.raises(ComputeError, match="fold_2/checkpoint_best.pth.*is not the file that PETRA wrote"):
            predict_case(result.model_dir, ct, suv_bw)
    finally:
        checkpoint.write_bytes(kept)
    with pytest.raises(ComputeError, match="has the folds"):
        predict_case(result.model_dir, ct, suv_bw, folds=[7])


def test_the_command_segments_a_file(trained, tmp_path):
    result, _, _ = trained
    ct, suv_bw, label = small_case(HELD_OUT_SEEDS[1])
    write_nifti(ct, tmp_path / "ct.nii.gz")
    write_nifti(suv_bw, tmp_path / "suv.nii.gz")
    paths = [str(tmp_path / name) for name in ("ct.nii.gz", "suv.nii.gz", "mask.nii.gz")]
    assert main(["segment", str(result.model_dir), *paths, "--fold", "0"]) == 0
    assert dice(read_nifti(paths[2]).array_zyx > 0, label.array_zyx > 0) > 0.5
    assert main(["segment", str(tmp_path), *paths]) == 2


def processes_of(spec_path: Path) -> list[int]:
    """Running processes whose command line names the spec file."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdigit() and str(spec_path).encode() in (entry / "cmdline").read_bytes():
                found.append(int(entry.name))
        except OSError:
            continue
    return found


def test_a_stopped_training_leaves_no_process_and_goes_on_from_its_epoch(tmp_path):
    dataset_dir = write_small_dataset(tmp_path / "dataset", seeds=[1, 2, 3, 4])
    spec = TrainingSpec(dataset_dir=dataset_dir, out_dir=tmp_path / "model", settings=TINY)
    events: list[dict] = []

    def epochs(found: list[dict]) -> list[int]:
        return [event["epoch"] for event in found if event["event"] == "epoch"]

    with pytest.raises(RunCancelled, match="go on from its last epoch"):
        run_training(spec, events.append, is_cancelled=lambda: len(epochs(events)) >= 2)
    assert processes_of(spec.out_dir) == []
    last = max(epochs(events))
    again: list[dict] = []

    def stop_after_one_epoch(event: dict) -> None:
        again.append(event)
        if event["event"] == "epoch":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_training(spec, stop_after_one_epoch)
    assert processes_of(spec.out_dir) == []
    assert not [event for event in again if event["event"] == "case"]
    resumed = next(event for event in again if event["event"] == "resumed")
    assert resumed["epoch"] >= last + 1
    assert epochs(again) == [resumed["epoch"]]


def test_an_unfit_dataset_is_refused_by_the_command(tmp_path, capsys):
    dataset_dir = write_small_dataset(tmp_path / "dataset", seeds=[1, 2])
    label_path = dataset_dir / "labelsTr" / "case_002.nii.gz"
    label = read_nifti(label_path)
    write_nifti(label.with_array(label.array_zyx * 0), label_path)
    assert main(["segment-train", str(dataset_dir), str(tmp_path / "model"), "--small"]) == 2
    assert "case_002: the label has no tumour voxel" in capsys.readouterr().err


def test_importing_the_package_does_not_import_torch():
    modules = ["settings", "training", "predict", "process", "dataset", "manifest"]
    code = ";".join(f"import worker.compute.segmentation.{name}" for name in modules)
    code += ";import sys, json; print(json.dumps([m in sys.modules for m in ('torch', 'nnunetv2')]))"
    root = Path(__file__).resolve().parents[4]
    found = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    assert json.loads(found.stdout) == [False, False]
