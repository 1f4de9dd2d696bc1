"""The five models on one small table: reproducible, held out honestly, skipped with a sentence, the same from files."""

import json
from pathlib import Path

import numpy as np
import pytest
from jsonschema import Draft202012Validator

from tests.worker.compute.feature_tables import small_table
from worker.compute.classifier.experiment import ExperimentResult, run_experiment
from worker.compute.classifier.model_files import MODEL_JSON, load_ensemble, predict
from worker.compute.classifier.reports import METRICS_SCHEMA, write_experiment
from worker.compute.classifier.settings import TrainingSettings
from worker.compute.errors import InsufficientData, RunCancelled, UnreadableInput
from worker.compute.tables import FeatureTable, table_from_frame

QUICK = TrainingSettings(max_epochs=8, patience=4, features_per_source=4, width=16, heads=2, learning_rate=5e-3)


def read(**options: float) -> FeatureTable:
    return table_from_frame(small_table(**options).astype(str), target="tp53")


@pytest.fixture(scope="module")
def table() -> FeatureTable:
    return read()


@pytest.fixture(scope="module")
def result(table: FeatureTable) -> ExperimentResult:
    return run_experiment(table, seed=7, settings=QUICK)


def test_five_models_and_their_baselines_on_the_same_patients(result: ExperimentResult) -> None:
    assert list(result.models) == ["tumour_ct", "tumour_pet", "bat_ct", "bat_pet", "combined"]
    assert {"organ_only", "clinical_only", "logistic_combined"} <= set(result.baselines)
    for name, model in result.models.items():
        assert [p.case_id for p in model.predictions] == [
            p.case_id for p in result.baselines[f"logistic_{name}"].predictions
        ]


def test_n_counts_only_patients_who_have_the_source(result: ExperimentResult) -> None:
    n = {name: len(model.predictions) for name, model in result.models.items()}
    assert n == {"tumour_ct": 90, "tumour_pet": 90, "bat_ct": 85, "bat_pet": 85, "combined": 90}
    combined = result.models["combined"]
    assert sum(f.validation.n for f in combined.folds) + combined.test.n == 90


def test_a_planted_effect_is_learned(result: ExperimentResult) -> None:
    assert result.models["combined"].cross_validation()["auc"] > 0.85


def test_each_training_patient_is_predicted_once_and_by_a_fold_that_did_not_see_them(result: ExperimentResult) -> None:
    for case in result.models["combined"].predictions:
        if case.part == "validation":
            assert result.split.fold_by_id[case.group] == case.fold
        else:
            assert case.group in result.split.test_ids


def test_loss_curves_start_at_one_and_show_the_validation_part(result: ExperimentResult) -> None:
    for fold in result.models["tumour_ct"].folds:
        assert [e.epoch for e in fold.curve] == list(range(1, len(fold.curve) + 1))
        assert all(e.validation is not None and e.stopping is not None for e in fold.curve)


def test_the_seed_decides_every_number(table: FeatureTable, result: ExperimentResult) -> None:
    again = run_experiment(table, seed=7, settings=QUICK)
    assert json.dumps(again.to_json()) == json.dumps(result.to_json())
    assert np.array_equal(again.deep_features.held_out, result.deep_features.held_out)
    other = run_experiment(table, seed=8, settings=QUICK, split=result.split)
    assert other.to_json()["models"]["tumour_ct"]["test"] != result.to_json()["models"]["tumour_ct"]["test"]


def test_the_test_set_changes_nothing_that_was_fitted(table: FeatureTable, result: ExperimentResult) -> None:
    sealed = np.array([group in result.split.test_ids for group in table.groups])
    spoiled = read()
    for source in spoiled.sources.values():
        source.values[sealed] *= 100
    spoiled.labels[sealed] = 1 - spoiled.labels[sealed]
    again = run_experiment(spoiled, seed=7, settings=QUICK, split=result.split)
    for name, model in result.models.items():
        assert [f.to_json() for f in again.models[name].folds] == [f.to_json() for f in model.folds]


def test_files_predict_exactly_what_the_training_did(
    table: FeatureTable, result: ExperimentResult, tmp_path: Path
) -> None:
    write_experiment(result, tmp_path)
    written = json.loads((tmp_path / "metrics.json").read_text())
    Draft202012Validator(json.loads(METRICS_SCHEMA.read_text())).validate(written)
    for name, model in result.models.items():
        by_id = dict(zip(table.ids, predict(tmp_path / "models" / name, table), strict=True))
        tested = [case for case in model.predictions if case.part == "test"]
        assert [by_id[case.case_id] for case in tested] == [case.probability for case in tested]
    assert np.isnan(predict(tmp_path / "models" / "bat_ct", table)[:5]).all()
    assert not list(tmp_path.rglob("*.pkl")) and not list(tmp_path.rglob("*.pt"))
    reloaded = load_ensemble(tmp_path / "models" / "combined")
    assert np.array_equal(reloaded.deep_features(table), result.ensembles["combined"].deep_features(table))


def test_a_damaged_or_foreign_model_folder_is_refused(result: ExperimentResult, tmp_path: Path) -> None:
    write_experiment(result, tmp_path)
    folder = tmp_path / "models" / "combined"
    with pytest.raises(UnreadableInput, match="lacks|no columns"):
        predict(
            folder, table_from_frame(small_table()[["patient_id", "tumour_ct__original_firstorder_F00"]].astype(str))
        )
    description = (folder / MODEL_JSON).read_text()
    (folder / MODEL_JSON).write_text(description.replace('"algorithm_version": 1', '"algorithm_version": 99'))
    with pytest.raises(UnreadableInput, match="version 99"):
        load_ensemble(folder)
    (folder / MODEL_JSON).write_text(description)
    (folder / "model.safetensors").write_bytes(b"broken")
    with pytest.raises(UnreadableInput, match="not a complete model folder"):
        load_ensemble(folder)


def test_deep_features_of_everybody_in_one_space(result: ExperimentResult) -> None:
    deep = result.deep_features
    assert deep.refit.shape == deep.held_out.shape == (90, QUICK.width)
    test = np.array(deep.parts) == "test"
    assert np.array_equal(deep.refit[test], deep.held_out[test]) and not np.allclose(deep.refit, deep.held_out)
    # The rotation brings a held-out vector nearer to the refit's vector of the same patient than to those of others.
    train = ~test
    same = np.linalg.norm(deep.held_out[train] - deep.refit[train], axis=1)
    others = np.linalg.norm(deep.held_out[train] - np.roll(deep.refit[train], 1, axis=0), axis=1)
    assert same.mean() < others.mean()


def test_a_model_that_too_few_patients_have_is_skipped_with_a_sentence() -> None:
    found = run_experiment(read(n=60, without_bat=55), seed=0, settings=QUICK)
    assert set(found.models) == {"tumour_ct", "tumour_pet", "combined"}
    assert "only 5 of 60 cases" in found.skipped["bat_ct"]


def test_two_patients_are_refused_and_a_run_can_be_cancelled(table: FeatureTable) -> None:
    with pytest.raises(InsufficientData, match="1 positive and 1 negative"):
        run_experiment(read(n=2, without_bat=0), seed=0)

    def stop(fraction: float, step: str) -> None:
        if fraction > 0:
            raise RunCancelled("Stopped.")

    with pytest.raises(RunCancelled):
        run_experiment(table, seed=0, settings=QUICK, progress=stop)
