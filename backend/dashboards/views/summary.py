"""Summary of a cohort: flow of patients, Table 1 and uptake, as the newest summary job found them."""

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render

from backend.audit.access_log import record_view
from backend.dashboards.results_access import results_view
from backend.dashboards.results_context import chosen_experiment, figures_of, page_context
from backend.dashboards.selectors.summaries import is_stale
from backend.dashboards.table_one import GROUPINGS, NOTE, ShownTable, shown_table
from backend.dashboards.table_one_files import FORMS, table_one_file
from backend.experiments.models import Experiment, ExperimentKind
from backend.jobs.models import JobKind


@results_view()
def summary(request: HttpRequest) -> HttpResponseBase:
    """``?by=tp53`` groups Table 1 by TP53; ``?export=csv`` downloads the table that is shown."""
    return _page(request, "experiments/summary.html")


@results_view()
def table_one(request: HttpRequest) -> HttpResponseBase:
    """Table 1 alone: ``?by=centre`` groups it, ``?show=age_years&show=grade`` chooses variables, ``?export=docx``."""
    return _page(request, "experiments/table_one.html")


def _page(request: HttpRequest, template: str) -> HttpResponseBase:
    found = chosen_experiment(request, ExperimentKind.SUMMARY)
    grouping = request.GET.get("by", "")
    grouping = grouping if grouping in GROUPINGS else "cancer_type"
    table = _table(request, found, grouping)
    form = request.GET.get("export", "")
    if found and table and form:
        record_view(request, found, action="export", table="table_one", by=grouping, format=form)
        title = f"Table 1. {request.cohort.name}, {GROUPINGS[grouping].lower()}"
        return table_one_file(form, table, title=title, name=f"petra-{request.cohort.slug}-table-1-by-{grouping}")
    context = {
        "experiment": found,
        "is_stale": is_stale(found),
        "figures": figures_of(found) if found else {},
        "groupings": GROUPINGS,
        "grouping": grouping,
        "forms": FORMS,
        "note": NOTE,
        "table": table,
    }
    return render(request, template, {**context, **page_context(request, JobKind.SUMMARISE_COHORT)})


def _table(request: HttpRequest, found: Experiment | None, grouping: str) -> ShownTable | None:
    stored = found.results["table_one"].get(grouping) if found else None
    return shown_table(stored, grouping, chosen=request.GET.getlist("show")) if stored else None
