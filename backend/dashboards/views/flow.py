"""The flow diagram of a cohort: on the page, and as SVG or PDF."""

import vl_convert
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.safestring import mark_safe

from backend.audit.access_log import record_view
from backend.cohorts.services import current_protocol
from backend.core.errors import InvalidInput
from backend.dashboards.flow import flow_of
from backend.dashboards.flow_drawing import draw_flow
from backend.dashboards.results_access import results_view

CONTENT_TYPES = {"svg": "image/svg+xml", "pdf": "application/pdf"}


@results_view()
def flow(request: HttpRequest) -> HttpResponse:
    """Every box is a link to its patients; ``?export=svg`` or ``pdf`` downloads the drawing."""
    drawn, form = flow_of(request.cohort), request.GET.get("export")
    if not form:
        # Every text in it was escaped where it was drawn.
        context = {"svg": mark_safe(draw_flow(drawn)), "protocol": current_protocol(request.cohort)}
        return render(request, "dashboards/flow.html", context)
    if form not in CONTENT_TYPES:
        raise InvalidInput("The diagram can be had as svg or pdf.")
    record_view(request, request.cohort, action="export", list="flow", format=form)
    svg = draw_flow(drawn, base_url=request.build_absolute_uri("/").rstrip("/"))
    content = svg.encode() if form == "svg" else vl_convert.svg_to_pdf(svg)
    response = HttpResponse(content, content_type=CONTENT_TYPES[form])
    response["Content-Disposition"] = f'attachment; filename="petra-{request.cohort.slug}-flow.{form}"'
    return response
