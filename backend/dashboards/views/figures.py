"""A figure of a cohort: its declaration for the page, its publication files and its data."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse

from backend.audit.access_log import record_view
from backend.dashboards.csv_download import csv_response
from backend.dashboards.results_access import results_view
from backend.dashboards.selectors.figures import figure_of
from backend.experiments.figure_files import CONTENT_TYPES, figure_file, figure_rows
from backend.experiments.sealed_looks import EXPORT, FIGURE, record_look


@results_view()
def figure_spec(request: HttpRequest, figure_id: UUID) -> HttpResponse:
    """The Vega-Lite declaration; it never changes, so a browser keeps it."""
    figure = figure_of(request.cohort, figure_id)
    record_look(request.user, figure.experiment, FIGURE, detail=figure.key)
    response = JsonResponse(figure.spec)
    response["Cache-Control"] = "private, max-age=86400, immutable"
    return response


@results_view()
def figure_export(request: HttpRequest, figure_id: UUID, form: str) -> HttpResponseBase:
    """``svg``, ``pdf``, ``png`` for print, or ``csv`` with the figure's data."""
    figure = figure_of(request.cohort, figure_id)
    record_look(request.user, figure.experiment, EXPORT, detail=figure.key)
    name = f"petra-{request.cohort.slug}-{figure.key}"
    if form == "csv":
        columns, rows = figure_rows(figure)
        response = csv_response(columns, rows, name=name)
    else:
        content = figure_file(figure, form)
        response = HttpResponse(content, content_type=CONTENT_TYPES[form])
        response["Content-Disposition"] = f'attachment; filename="{name}.{form}"'
    record_view(request, figure, action="export", form=form)
    return response
