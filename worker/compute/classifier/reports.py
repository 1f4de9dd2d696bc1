"""The files of an experiment: metrics.json, predictions.csv, deep_features.csv, split.json and the models."""

import json
from pathlib import Path

import pandas as pd

from worker.compute.classifier.model_files import save_ensemble
from worker.compute.classifier.results import DeepFeatures, ExperimentResult
from worker.compute.metrics import THRESHOLD

METRICS_SCHEMA = Path(__file__).resolve().parents[1] / "schemas" / "metrics.schema.json"


def write_experiment(result: ExperimentResult, folder: Path) -> None:
    """Writes everything below ``folder``; each model into ``models/NAME``."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "metrics.json").write_text(json.dumps(result.to_json(), indent=1, allow_nan=False))
    (folder / "split.json").write_text(json.dumps(result.split.to_json(), indent=1))
    predictions_frame(result).to_csv(folder / "predictions.csv", index=False)
    for name, ensemble in result.ensembles.items():
        save_ensemble(ensemble, folder / "models" / name)
    if result.deep_features is not None:
        deep_features_frame(result.deep_features).to_csv(folder / "deep_features.csv", index=False)


def predictions_frame(result: ExperimentResult) -> pd.DataFrame:
    """One row per model and case: held-out probabilities of the folds, and the ensemble's on the test set."""
    rows = [
        {
            "model": model.name,
            "id": case.case_id,
            "group": case.group,
            "part": case.part,
            "fold": "" if case.fold is None else case.fold,
            "label": case.label,
            "probability": case.probability,
            "predicted": int(case.probability >= THRESHOLD),
        }
        for model in (*result.models.values(), *result.baselines.values())
        for case in model.predictions
    ]
    return pd.DataFrame(rows)


def deep_features_frame(deep: DeepFeatures) -> pd.DataFrame:
    """One row per case; ``deep_N`` of the refit, as the paper clusters them, and ``held_out_N`` without circularity."""
    frame = pd.DataFrame(
        {"id": deep.case_ids, "part": deep.parts, "label": deep.labels, "cancer_type": deep.cancer_types}
    )
    width = deep.refit.shape[1]
    refit = pd.DataFrame(deep.refit, columns=[f"deep_{i:02d}" for i in range(width)])
    held_out = pd.DataFrame(deep.held_out, columns=[f"held_out_{i:02d}" for i in range(width)])
    return pd.concat([frame, refit, held_out], axis=1)
