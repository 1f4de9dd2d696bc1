"""The series of a cohort: how each was taken, beside the acquisition of the published study."""

from collections.abc import Iterable

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render

from backend.cohorts.access import cohort_view
from backend.cohorts.list_pages import cohort_list_context, exported
from backend.cohorts.models import Role
from backend.imaging.acquisition import outliers_of
from backend.imaging.filters import SeriesFilter
from backend.imaging.listings import SERIES
from backend.imaging.models import Series
from backend.imaging.selectors import findings_of, series_of


@cohort_view(Role.COORDINATOR, Role.ANALYST, Role.ADJUDICATOR)
def series_list(request: HttpRequest) -> HttpResponseBase:
    """Searchable list; ``?export=csv`` or ``xlsx`` downloads what the filters leave."""
    filterset = SeriesFilter(request.GET, series_of(request.cohort))
    if file := exported(request, SERIES, filterset.qs, name="series", make_rows=_with_findings):
        return file
    context = cohort_list_context(request, SERIES, filterset)
    for series in _with_findings(context["page"]):
        series.outliers = outliers_of(series)
    return render(request, "imaging/series_list.html", context)


def _with_findings(rows: Iterable[Series]) -> list[Series]:
    rows = list(rows)
    findings = findings_of(rows)
    for series in rows:
        series.findings = findings[series.pk]
    return rows
