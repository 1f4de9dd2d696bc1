"""The pipeline as run (the paper's Figure 3): every step of the cohort, what is done and what is missing."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from backend.dashboards.results_access import results_view
from backend.dashboards.results_context import page_context
from backend.dashboards.selectors.pipelines import pipeline_steps
from backend.jobs.models import JobKind


@results_view()
def pipeline(request: HttpRequest) -> HttpResponse:
    """Counts only; each step links to the page that does it."""
    context = {"steps": pipeline_steps(request.cohort)}
    return render(request, "dashboards/pipeline.html", {**context, **page_context(request, *JobKind)})
