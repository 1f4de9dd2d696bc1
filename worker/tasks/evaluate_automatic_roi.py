"""The combined model on automatic ROIs: how much of its performance is left without a reader (paper section 3)."""

import numpy as np

from backend.experiments.models import Experiment, ExperimentKind, ModelVersion
from backend.experiments.services.recording import record_experiment, record_models
from backend.experiments.trainable import analysable_members
from backend.jobs.models import JobKind
from backend.jobs.services import completing
from worker.compute.classifier.ensemble import Ensemble
from worker.compute.classifier.experiment import COMBINED, fold_parts
from worker.compute.classifier.model_files import load_ensemble
from worker.compute.errors import InsufficientData
from worker.compute.figures.models import confusion_matrices
from worker.compute.metrics import evaluate
from worker.compute.splits import Split
from worker.compute.tables import FeatureTable
from worker.datasets import feature_table, fetch_model, split_of
from worker.drawing import draw
from worker.tasks.runner import JobContext, job_task


@job_task(JobKind.EVALUATE_AUTOMATIC_ROI)
def evaluate_automatic_roi(context: JobContext) -> None:
    """fetch: the combined model and automatic features → compute: predictions → record: metrics of both."""
    trained = Experiment.objects.select_related("cohort", "dataset_version").get(pk=context.job.subject_id)
    model = ModelVersion.objects.get(experiment=trained, name=COMBINED)
    members = analysable_members(trained.dataset_version)
    split = split_of(trained.dataset_version, members)
    table = feature_table(members, automatic_roi=True)
    context.inputs(dataset=trained.dataset_version.sha256, model=str(model.pk), patients=list(table.ids))
    ensemble = load_ensemble(fetch_model(model, context.workspace / "model"))
    entry = _evaluate(ensemble, table, split, seed=trained.seed)
    title = "Confusion matrices: combined model on automatic ROIs"
    spec = confusion_matrices(entry["folds"], entry["test"])
    figure = draw("confusion_combined_automatic", title, spec, n=len(table))
    with completing(context.claim, message=f"Combined model evaluated on the automatic ROIs of {len(table)} patients."):
        experiment = record_experiment(
            cohort=trained.cohort,
            dataset=trained.dataset_version,
            based_on=trained,
            kind=ExperimentKind.CLASSIFICATION,
            job=context.job,
            seed=trained.seed,
            settings={"roi": "automatic"},
            results={"metrics": {"models": {COMBINED: {k: v for k, v in entry.items() if k != "predictions"}}}},
            figures=[figure],
        )
        record_models(experiment, {COMBINED: {**entry, "roi": "automatic"}})


def _evaluate(ensemble: Ensemble, table: FeatureTable, split: Split, *, seed: int) -> dict:
    """Training patients by the fold model that did not see them, test patients by the mean of all."""
    folds, predictions = [], []
    for fold, network in enumerate(ensemble.members):
        _, held_out = fold_parts(table, split, fold)
        probabilities = network.probabilities(held_out) if len(held_out) else np.zeros(0)
        folds.append({"fold": fold, **evaluate(held_out.labels, probabilities, seed=seed).to_json()})
        predictions += _rows(held_out, probabilities, "out_of_fold")
    sealed = set(split.test_ids)
    test = table.rows(np.array([group in sealed for group in table.groups]))
    if not len(test):
        raise InsufficientData("No patient of the sealed test set has an automatic ROI: segment the cases first.")
    probabilities = ensemble.predict(test)
    predictions += _rows(test, probabilities, "test")
    return {
        "folds": folds,
        "test": evaluate(test.labels, probabilities, seed=seed).to_json(),
        "predictions": predictions,
    }


def _rows(table: FeatureTable, probabilities: np.ndarray, partition: str) -> list[dict]:
    pairs = zip(table.groups, probabilities, strict=True)
    return [{"patient": group, "probability": float(p), "partition": partition} for group, p in pairs]
