"""The series of a cohort: how each was taken, beside the acquisition of the published study."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from backend.cohorts.access import cohort_view
from backend.cohorts.models import Role
from backend.core.lists import list_context
from backend.imaging.acquisition import outliers_of
from backend.imaging.filters import SeriesFilter
from backend.imaging.selectors import findings_of, series_of


@cohort_view(Role.COORDINATOR, Role.ANALYST, Role.ADJUDICATOR)
def series_list(request: HttpRequest) -> HttpResponse:
    context = list_context(request, SeriesFilter(request.GET, series_of(request.cohort)))
    findings = findings_of(context["page"])
    for series in context["page"]:
        series.outliers = outliers_of(series)
        series.findings = findings[series.pk]
    return render(request, "imaging/series_list.html", context)
