"""Features: how far the extraction is, the recipes, and every value of every case."""

from types import SimpleNamespace
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render

from backend.audit.access_log import record_view
from backend.cohorts.list_pages import cohort_list_context, exported
from backend.dashboards.csv_download import csv_response
from backend.dashboards.feature_filters import FeatureSetFilter, ValueSearch
from backend.dashboards.listings import FEATURE_SETS
from backend.dashboards.results_access import results_view
from backend.dashboards.results_context import figures_of, page_context
from backend.dashboards.selectors.feature_tables import (
    ROIS,
    coverage,
    feature_set_of,
    feature_sets_of,
    recipe_of,
    recipes_of,
    value_rows,
)
from backend.experiments.models import ExperimentKind
from backend.experiments.services.requests import latest_experiment
from backend.experiments.staleness import attach_staleness
from backend.jobs.models import JobKind

VALUES_PER_PAGE = 100


@results_view()
def features(request: HttpRequest) -> HttpResponseBase:
    """Coverage, classes, recipes and the list of sets; ``?roi=automatic`` for the segmenter's own ROIs."""
    roi = request.GET.get("roi", "consensus")
    roi = roi if roi in ROIS else "consensus"
    filterset = FeatureSetFilter(request.GET, feature_sets_of(request.cohort, roi=roi))
    if file := exported(request, FEATURE_SETS, filterset.qs, name="feature-sets"):
        return file
    context = {
        "roi": roi,
        "rois": ROIS,
        "coverage": coverage(request.cohort, roi=roi),
        "recipes": recipes_of(request.cohort),
        "figures": figures_of(latest_experiment(request.cohort, ExperimentKind.SUMMARY)),
    }
    listed = cohort_list_context(request, FEATURE_SETS, filterset)
    attach_staleness(listed["page"])
    context = {**listed, **context, **page_context(request, JobKind.EXTRACT_FEATURES)}
    return render(request, "features/features.html", context)


@results_view()
def recipe(request: HttpRequest, recipe_id: UUID) -> HttpResponseBase:
    """The settings of an extraction, with their hash and the names that they yield."""
    return render(request, "features/recipe.html", {"recipe": recipe_of(request.cohort, recipe_id)})


@results_view()
def feature_set(request: HttpRequest, feature_set_id: UUID) -> HttpResponseBase:
    """The values of one case and source; ``?export=csv`` downloads all of them."""
    found = feature_set_of(request.cohort, feature_set_id)
    rows = value_rows(found)
    record_view(request, found)
    if request.GET.get("export") == "csv":
        record_view(request, found, action="export", features=len(rows))
        name = f"petra-{found.case.patient.pseudonym}-{found.source}-{found.roi}"
        return csv_response(["feature", "value"], ([row["name"], row["value"]] for row in rows), name=name)
    form = ValueSearch(request.GET or None)
    shown = form.matches(rows)
    page = Paginator(shown, VALUES_PER_PAGE).get_page(request.GET.get("page"))
    context = {"set": found, "page": page, "filter": SimpleNamespace(form=form), "count": len(rows)}
    return render(request, "features/feature_set.html", context)
