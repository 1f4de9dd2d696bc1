"""Models: what the TP53 models and the segmenter reach on patients they never saw, with every prediction."""

from collections.abc import Iterable

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render

from backend.audit.access_log import record_view
from backend.cohorts.list_pages import cohort_list_context, exported
from backend.cohorts.models import DatasetMember
from backend.dashboards.dataset_filters import MemberFilter
from backend.dashboards.listings import prediction_listing
from backend.dashboards.results_access import results_view
from backend.dashboards.results_context import chosen_experiment, experiments_of, figures_of, page_context
from backend.dashboards.selectors.model_tables import (
    METRICS,
    PAPER_AUTOMATIC,
    PAPER_COMBINED,
    PredictionRow,
    automatic_evaluation,
    model_names,
    model_table,
    predicted_members,
    prediction_rows,
    segmenter_folds,
    title_of,
)
from backend.experiments.models import Experiment, ExperimentKind, ModelVersion
from backend.experiments.sealed_looks import EXPORT, PAGE, Looks, looks_by_version, record_look
from backend.experiments.services.requests import latest_experiment
from backend.experiments.staleness import attach_staleness
from backend.jobs.models import JobKind

KINDS = (
    JobKind.TRAIN_CLASSIFIERS,
    JobKind.TRAIN_SEGMENTER,
    JobKind.SEGMENT_CASES,
    JobKind.EXTRACT_FEATURES,
    JobKind.EVALUATE_AUTOMATIC_ROI,
)


@results_view()
def models(request: HttpRequest) -> HttpResponseBase:
    """The newest training, or that of ``?experiment=``; beside it the automatic ROIs and the segmenter."""
    trained = chosen_experiment(request, ExperimentKind.CLASSIFICATION)
    automatic = automatic_evaluation(trained)
    segmentation = latest_experiment(request.cohort, ExperimentKind.SEGMENTATION)
    for shown in (trained, automatic):
        record_look(request.user, shown, PAGE, detail="models")
    context = {
        "looks": _looks(trained),
        "experiment": trained,
        "experiments": experiments_of(request.cohort, ExperimentKind.CLASSIFICATION),
        "dataset": request.cohort.dataset_versions.order_by("-number").first(),
        "metrics": METRICS,
        "rows": model_table(trained),
        "skipped": _skipped(trained),
        "figures": figures_of(trained),
        "model_figures": _model_figures(trained),
        "automatic": automatic,
        "automatic_rows": _both_rois(trained, automatic),
        "automatic_figures": figures_of(automatic),
        "paper_combined": [PAPER_COMBINED.get(name) for name in METRICS],
        "paper_automatic": [PAPER_AUTOMATIC.get(name) for name in METRICS],
        "segmentation": segmentation,
        "segmentation_figures": figures_of(segmentation),
        "folds": segmenter_folds(segmentation),
        "model_files": _model_files(trained, segmentation),
    }
    return render(request, "experiments/models.html", {**context, **page_context(request, *KINDS)})


@results_view()
def predictions(request: HttpRequest) -> HttpResponseBase:
    """Every patient's probabilities; ``?export=csv`` downloads those that the filters leave."""
    trained = chosen_experiment(request, ExperimentKind.CLASSIFICATION)
    if trained is None:
        return render(request, "experiments/predictions.html", {})
    names = model_names(trained)
    filterset = MemberFilter(request.GET, predicted_members(trained))
    record_view(request, trained)
    listing = prediction_listing(names)

    def make_rows(members: Iterable[DatasetMember]) -> list[PredictionRow]:
        return prediction_rows(trained, list(members), names)

    if request.GET.get("export"):
        record_look(request.user, trained, EXPORT, detail="predictions")
    if file := exported(request, listing, filterset.qs, name="predictions", make_rows=make_rows, subject=trained):
        return file
    record_look(request.user, trained, PAGE, detail="predictions")
    listed = cohort_list_context(request, listing, filterset)
    members = list(listed["page"])
    attach_staleness(members)
    rows = make_rows(members)
    context = {"experiment": trained, "titles": [(name, title_of(name)) for name in names], "rows": rows}
    return render(request, "experiments/predictions.html", {**listed, **context})


def _looks(trained: Experiment | None) -> Looks | None:
    """How often the sealed test set that the shown results stand on was looked at, this look included."""
    version = trained.dataset_version if trained else None
    return looks_by_version([version])[version.pk] if version else None


def _skipped(trained: Experiment | None) -> dict[str, str]:
    found = trained.results["metrics"].get("skipped", {}) if trained else {}
    return {title_of(name): sentence for name, sentence in found.items()}


def _model_figures(trained: Experiment | None) -> list[dict]:
    """Loss curves and confusion matrices, a pair per model."""
    if trained is None:
        return []
    figures = figures_of(trained)
    return [
        {"title": title_of(name), "loss": figures.get(f"loss_{name}"), "confusion": figures.get(f"confusion_{name}")}
        for name in model_names(trained)
    ]


def _both_rois(trained: Experiment | None, automatic: Experiment | None) -> list[dict]:
    """The combined model on consensus and on automatic ROIs."""
    if automatic is None:
        return []
    rows = [("Consensus ROI", row) for row in model_table(trained) if row.name == "combined"]
    rows += [("Automatic ROI", row) for row in model_table(automatic)]
    return [{"roi": roi, "row": row} for roi, row in rows]


def _model_files(*experiments: Experiment | None) -> list[ModelVersion]:
    wanted = [experiment for experiment in experiments if experiment]
    return list(ModelVersion.objects.filter(experiment__in=wanted).order_by("name")) if wanted else []
