"""Clusters of the combined model's deep features, and what they go along with."""

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render

from backend.audit.access_log import record_view
from backend.dashboards.csv_download import csv_response
from backend.dashboards.results_access import results_view
from backend.dashboards.results_context import chosen_experiment, experiments_of, figures_of, page_context
from backend.experiments.models import ExperimentKind
from backend.experiments.sealed_looks import EXPORT, PAGE, record_look
from backend.experiments.services.requests import latest_experiment
from backend.jobs.models import JobKind

COLUMNS = ("id", "cluster", "cluster_tsne", "tsne_1", "tsne_2", "cancer_type", "tp53")
CATEGORIES = {"tp53": "TP53", "cancer_type": "Cancer type"}


@results_view()
def clusters(request: HttpRequest) -> HttpResponseBase:
    """The newest clustering, or that of ``?experiment=``; ``?export=csv`` downloads each patient's cluster."""
    found = chosen_experiment(request, ExperimentKind.CLUSTERING)
    if found and request.GET.get("export") == "csv":
        record_look(request.user, found, EXPORT, detail="clusters")
        record_view(request, found, action="export", rows=len(found.results["assignments"]))
        rows = ([row.get(column) for column in COLUMNS] for row in found.results["assignments"])
        return csv_response(COLUMNS, rows, name=f"petra-{request.cohort.slug}-clusters")
    record_look(request.user, found, PAGE, detail="clusters")
    context = {
        "experiment": found,
        "experiments": experiments_of(request.cohort, ExperimentKind.CLUSTERING),
        "trained": latest_experiment(request.cohort, ExperimentKind.CLASSIFICATION),
        "figures": figures_of(found),
        "associations": _associations(found.results) if found else [],
    }
    return render(request, "experiments/clusters.html", {**context, **page_context(request, JobKind.CLUSTER_FEATURES)})


def _associations(results: dict) -> list[dict]:
    """The paper's clusters against each category, then those of held-out vectors, which no label shaped."""
    rows = [
        {"title": CATEGORIES.get(name, name), "vectors": "of the refitted model (the paper's)", **found}
        for name, found in results["associations"].items()
    ]
    if held_out := results.get("held_out_tp53"):
        rows.append({"title": "TP53", "vectors": "of fold models that never saw the patient", **held_out})
    return rows
