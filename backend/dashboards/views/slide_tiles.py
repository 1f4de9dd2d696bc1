"""Photographs of slides for the zoomable viewer: Deep Zoom (DZI) descriptor and tiles, under the photograph's rules."""

from uuid import UUID

from django.core.files.storage import default_storage
from django.http import HttpRequest, HttpResponse

from backend.cohorts.access import cohort_view
from backend.core.errors import NotFound
from backend.dashboards.views.photographs import VIEWERS, photograph_of
from backend.pathology.models import SlidePhotograph
from backend.pathology.tiles import TILE_PX, read_tile

ERASED = "This photograph is no longer kept: it was erased."
# Blinding can withdraw it from a person, so the browser asks each time; what it has already is then not sent again.
HEADERS = {"Cache-Control": "private, no-cache"}
DZI = (
    '<?xml version="1.0" encoding="UTF-8"?><Image xmlns="http://schemas.microsoft.com/deepzoom/2008" Format="jpeg" '
    'Overlap="0" TileSize="{tile}"><Size Width="{width}" Height="{height}"/></Image>'
)


@cohort_view(*VIEWERS, blinded=True)
def slide_dzi(request: HttpRequest, photograph_id: UUID) -> HttpResponse:
    """Size and tile size."""
    found = _tiled(photograph_of(request, photograph_id))
    content = DZI.format(tile=TILE_PX, width=found.width_px, height=found.height_px)
    return HttpResponse(content, content_type="application/xml", headers=HEADERS)


@cohort_view(*VIEWERS, blinded=True)
def slide_tile(request: HttpRequest, photograph_id: UUID, level: int, column: int, row: int) -> HttpResponse:
    """One tile; 304 where the browser has it, 404 where there is none."""
    found = _tiled(photograph_of(request, photograph_id))
    etag = f'"{found.sha256[:32]}-{level}-{column}-{row}"'
    headers = {**HEADERS, "ETag": etag}
    if etag in request.headers.get("If-None-Match", ""):
        return HttpResponse(status=304, headers=headers)
    try:
        with default_storage.open(found.tiles_key, "rb") as file:
            content = read_tile(file, level, column, row)
    except FileNotFoundError as error:
        raise NotFound(ERASED) from error
    if content is None:
        raise NotFound("The photograph has no such tile.")
    return HttpResponse(content, content_type="image/jpeg", headers=headers)


def _tiled(photograph: SlidePhotograph) -> SlidePhotograph:
    if not photograph.tiles_key:
        raise NotFound(ERASED if photograph.erased_at else "This photograph has no tiles: add it again to zoom in it.")
    return photograph
