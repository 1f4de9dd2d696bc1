"""Models: what the TP53 models and the segmenter reach on patients they never saw, with every prediction."""

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render

from backend.audit.access_log import record_view
from backend.core.lists import list_context
from backend.dashboards.csv_download import csv_response
from backend.dashboards.dataset_filters import MemberFilter
from backend.dashboards.results_access import results_view
from backend.dashboards.results_context import chosen_experiment, experiments_of, figures_of, page_context
from backend.dashboards.selectors.model_tables import (
    METRICS,
    PAPER_AUTOMATIC,
    PAPER_COMBINED,
    automatic_evaluation,
    model_names,
    model_table,
    predicted_members,
    prediction_rows,
    segmenter_folds,
    title_of,
)
from backend.experiments.models import Experiment, ExperimentKind, ModelVersion
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
    context = {
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
    if request.GET.get("export") == "csv":
        record_view(request, trained, action="export", rows=filterset.qs.count())
        rows = prediction_rows(trained, list(filterset.qs), names)
        columns = ["patient", "cancer_type", "tp53", "partition", *names]
        return csv_response(columns, map(_cells, rows), name=f"petra-{request.cohort.slug}-predictions")
    listed = list_context(request, filterset)
    members = list(listed["page"])
    attach_staleness(members)
    rows = prediction_rows(trained, members, names)
    context = {"experiment": trained, "titles": [title_of(name) for name in names], "rows": rows}
    return render(request, "experiments/predictions.html", {**listed, **context})


def _cells(row) -> list:
    state = "mutated" if row.member.tp53_mutated else "wild-type"
    partition = "test" if row.member.in_test_set else f"out of fold {row.member.fold + 1}"
    return [row.member.patient.pseudonym, row.member.cancer_type, state, partition, *row.probabilities]


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
