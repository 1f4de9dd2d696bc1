"""What the page of models shows: one table of metrics, predictions, and the segmenter's folds."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import F, QuerySet

from backend.cohorts.models import DatasetMember
from backend.experiments.models import Experiment, Prediction

METRICS = {
    "accuracy": "Accuracy",
    "precision": "Precision",
    "specificity": "Specificity",
    "recall": "Recall",
    "f1": "F1",
    "auc": "AUC",
}
TITLES = {
    "tumour_ct": "Tumour CT", "tumour_pet": "Tumour PET", "bat_ct": "BAT CT", "bat_pet": "BAT PET",
    "combined": "Combined", "clinical_only": "Clinical only", "organ_only": "Organ only",
}  # fmt: skip
# Du et al. 2025, section 3; on the hospital's own patients, which nobody else has.
PAPER_TEST_ACCURACY = {
    "tumour_ct": 0.7931, "tumour_pet": 0.8276, "bat_ct": 0.7241, "bat_pet": 0.7931, "combined": 0.8620,
}  # fmt: skip
PAPER_COMBINED = {"accuracy": 0.8620, "precision": 0.8235, "recall": 0.9333, "f1": 0.8750}
PAPER_AUTOMATIC = {"accuracy": 0.8000, "precision": 0.7885, "recall": 0.8200, "f1": 0.8040}


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One metric: the mean over the folds, and the test value with its interval or the reason why it has none."""

    folds: float | None
    test: float | None
    low: float | None
    high: float | None
    reason: str


@dataclass(frozen=True, kw_only=True)
class ModelRow:
    """One model or baseline."""

    name: str
    title: str
    is_baseline: bool
    n_folds: int
    n_test: int
    n_test_mutated: int
    cells: list[Cell]
    paper: float | None


@dataclass(frozen=True, kw_only=True)
class PredictionRow:
    """One patient of the dataset with a probability per model."""

    member: DatasetMember
    names: list[str]
    probabilities: list[float | None]

    @property
    def named(self) -> list[tuple[str, float | None]]:
        return list(zip(self.names, self.probabilities, strict=True))


def title_of(name: str) -> str:
    if name.startswith("logistic_"):
        return f"{title_of(name.removeprefix('logistic_'))} (logistic)"
    return TITLES.get(name, name.replace("_", " ").capitalize())


def in_order(names: Iterable[str]) -> list[str]:
    """The paper's order of sources and models, which JSON in the database does not keep; unknown names come last."""
    order = list(TITLES)
    known = {name: name.removeprefix("logistic_") for name in names}
    return sorted(known, key=lambda name: (order.index(known[name]) if known[name] in order else len(order), name))


def model_table(experiment: Experiment | None) -> list[ModelRow]:
    """The models first, then the baselines, in the paper's order."""
    if experiment is None:
        return []
    metrics = experiment.results["metrics"]
    models = [_row(name, metrics["models"][name], is_baseline=False) for name in in_order(metrics["models"])]
    baselines = metrics.get("baselines", {})
    return models + [_row(name, baselines[name], is_baseline=True) for name in in_order(baselines)]


def _row(name: str, entry: dict, *, is_baseline: bool) -> ModelRow:
    test = entry["test"]
    folds = entry.get("cross_validation") or _mean_of(entry["folds"])
    return ModelRow(
        name=name,
        title=title_of(name),
        is_baseline=is_baseline,
        n_folds=folds["n"],
        n_test=test["n"],
        n_test_mutated=test["n_positive"],
        cells=[_cell(metric, folds, test) for metric in METRICS],
        paper=None if is_baseline else PAPER_TEST_ACCURACY.get(name),
    )


def _mean_of(folds: list[dict]) -> dict:
    """The mean of each metric over the folds in which it is defined."""
    means: dict = {"n": sum(fold["n"] for fold in folds)}
    for metric in METRICS:
        values = [fold[metric] for fold in folds if fold[metric] is not None]
        means[metric] = sum(values) / len(values) if values else None
    return means


def _cell(metric: str, folds: dict, test: dict) -> Cell:
    low, high = test["ci95"].get(metric, (None, None))
    reason = test["undefined"].get(metric, "")
    return Cell(folds=folds.get(metric), test=test[metric], low=low, high=high, reason=reason)


def model_names(experiment: Experiment) -> list[str]:
    """The models whose predictions are listed."""
    return in_order(experiment.results["metrics"]["models"])


def predicted_members(experiment: Experiment) -> QuerySet[DatasetMember]:
    """The members of the experiment's dataset that have a prediction."""
    predicted = Prediction.objects.filter(experiment=experiment).values("patient")
    rows = DatasetMember.objects.filter(dataset_version=experiment.dataset_version_id, patient__in=predicted)
    return rows.select_related("patient").order_by(F("fold").asc(nulls_last=True), "patient__pseudonym")


def prediction_rows(experiment: Experiment, members: list[DatasetMember], names: list[str]) -> list[PredictionRow]:
    """The probabilities of these members, in one query."""
    patients = [member.patient_id for member in members]
    by_patient: dict = defaultdict(dict)
    for row in Prediction.objects.filter(experiment=experiment, patient__in=patients, model_name__in=names):
        by_patient[row.patient_id][row.model_name] = row.probability
    return [
        PredictionRow(
            member=member, names=names, probabilities=[by_patient[member.patient_id].get(name) for name in names]
        )
        for member in members
    ]


def automatic_evaluation(trained: Experiment | None) -> Experiment | None:
    """The newest evaluation of these models on automatic ROIs."""
    if trained is None:
        return None
    rows = trained.derived.filter(kind=trained.kind, settings__roi="automatic").select_related("dataset_version")
    return rows.order_by("-created_at").first()


def segmenter_folds(segmentation: Experiment | None) -> list[dict]:
    """Per fold: patients that it did not see, the best pseudo-Dice, and the mean Dice of those patients."""
    if segmentation is None:
        return []
    folds = []
    for fold in segmentation.results["folds"]:
        dice = list(fold["out_of_fold_dice"].values())
        mean = sum(dice) / len(dice) if dice else None
        folds.append({"number": fold["fold"] + 1, "n": len(dice), "best_dice": fold["best_dice"], "mean_dice": mean})
    return folds
