"""TP53 models: a frozen dataset → the four single-source Transformers, the combined one and baselines."""

from pathlib import Path
from typing import Any

from backend.cohorts.models import DatasetVersion
from backend.core.storage import StoredFile
from backend.experiments.models import ExperimentKind
from backend.experiments.services.recording import (
    FigureSpec,
    record_experiment,
    record_model_version,
    record_models,
    store_model_files,
)
from backend.experiments.trainable import require_still_trainable, trainable_members
from backend.jobs.models import JobKind
from backend.jobs.services import completing
from worker.compute.classifier.experiment import run_experiment
from worker.compute.classifier.model_files import save_ensemble
from worker.compute.classifier.results import DeepFeatures, ExperimentResult, ModelResult
from worker.compute.figures.models import (
    calibration_curve,
    confusion_matrices,
    loss_curves,
    model_comparison,
    precision_recall_curves,
    roc_curves,
)
from worker.compute.figures.theme import title_of
from worker.compute.metrics import calibration_points, precision_recall_points, roc_points
from worker.datasets import feature_table, split_of
from worker.drawing import draw
from worker.tasks.runner import JobContext, job_task

PARTITIONS = {"test": "test", "validation": "out_of_fold"}


@job_task(JobKind.TRAIN_CLASSIFIERS)
def train_classifiers(context: JobContext) -> None:
    """fetch: the frozen features and split → compute: the paper's models → record: runs, predictions, figures."""
    dataset = DatasetVersion.objects.select_related("cohort").get(pk=context.job.subject_id)
    seed = context.job.parameters["seed"]
    members = trainable_members(dataset)
    context.inputs(dataset=dataset.sha256, seed=seed)
    result = run_experiment(
        feature_table(members), seed=seed, split=split_of(dataset, members), progress=context.progress
    )
    files = {name: _store(context.workspace, dataset, name, result) for name in result.ensembles}
    with completing(context.claim, message=_sentence(result), result={"models": list(result.models)}):
        require_still_trainable(dataset, members)
        experiment = record_experiment(
            cohort=dataset.cohort,
            dataset=dataset,
            kind=ExperimentKind.CLASSIFICATION,
            job=context.job,
            seed=seed,
            settings=result.settings.to_json(),
            results={
                "metrics": result.to_json(),
                "deep_features": _deep(result.deep_features) if result.deep_features else None,
            },
            figures=figures_of(result),
        )
        record_models(experiment, {name: entry(model) for name, model in every_model(result).items()})
        for name, stored in files.items():
            record_model_version(experiment, name=name, files=stored, metrics=result.models[name].test.to_json())


def every_model(result: ExperimentResult) -> dict[str, ModelResult]:
    return {**result.models, **result.baselines}


def entry(model: ModelResult) -> dict[str, Any]:
    """A model as ``record_models`` takes it."""
    predictions = [
        {"patient": found.group, "probability": found.probability, "partition": PARTITIONS[found.part]}
        for found in model.predictions
    ]
    return {**model.to_json(), "predictions": predictions}


def figures_of(result: ExperimentResult) -> list[FigureSpec]:
    """Figures 6, 7 and 8 of the paper: loss curves and confusion matrices per model; then curves over all models."""
    metrics = result.to_json()
    figures = []
    for name, model in result.models.items():
        title, data = title_of(name), model.to_json()
        n = sum(fold.validation.n for fold in model.folds)
        matrices = confusion_matrices(data["folds"], data["test"])
        figures.append(draw(f"loss_{name}", f"Loss curves: {title}", loss_curves(data["folds"]), n=n))
        figures.append(draw(f"confusion_{name}", f"Confusion matrices: {title}", matrices, n=n + model.test.n))
    pooled = {name: model.arrays("validation") for name, model in result.models.items()}
    n = max(len(labels) for labels, _ in pooled.values())
    note = "Pooled out-of-fold predictions of the training part; the sealed test set is in the table."
    curves = (
        ("roc", "ROC curves", roc_curves, roc_points),
        ("precision_recall", "Precision-recall curves", precision_recall_curves, precision_recall_points),
        ("calibration", "Calibration", calibration_curve, calibration_points),
    )
    for key, title, declare, points in curves:
        spec = declare({name: points(*arrays) for name, arrays in pooled.items()})
        figures.append(draw(key, title, spec, caption=note, n=n))
    comparison = model_comparison(metrics["models"], metrics["baselines"])
    caption = "AUC on the sealed test set with bootstrap 95 % intervals."
    n = max(model.test.n for model in result.models.values())
    figures.append(draw("comparison", "Models against baselines", comparison, caption=caption, n=n))
    return figures


def _store(workspace: Path, dataset: DatasetVersion, name: str, result: ExperimentResult) -> dict[str, StoredFile]:
    folder = workspace / "models" / name
    save_ensemble(result.ensembles[name], folder)
    return store_model_files(dataset.cohort, folder)


def _deep(deep: DeepFeatures) -> dict[str, Any]:
    return {
        "patients": list(deep.case_ids),
        "parts": list(deep.parts),
        "labels": [int(label) for label in deep.labels],
        "cancer_types": list(deep.cancer_types),
        "refit": deep.refit.tolist(),
        "held_out": deep.held_out.tolist(),
    }


def _sentence(result: ExperimentResult) -> str:
    skipped = f" Not trained: {', '.join(result.skipped)}." if result.skipped else ""
    return f"{len(result.models)} models and {len(result.baselines)} baselines trained.{skipped}"
