"""Previews and slabs of a volume, for everybody who works with the images of the cohort."""

from uuid import UUID

from asgiref.sync import sync_to_async
from django.http import HttpRequest, HttpResponseBase

from backend.cohorts.access import cohort_view
from backend.cohorts.models import Cohort, Role
from backend.core.errors import NotFound
from backend.imaging.models import Volume
from backend.imaging.serving import accepts_token, stored_file_response

SEES_IMAGES = (Role.READER, Role.COORDINATOR, Role.ADJUDICATOR, Role.ANALYST)


@accepts_token
@cohort_view(*SEES_IMAGES)
async def volume_preview(request: HttpRequest, volume_id: UUID) -> HttpResponseBase:
    """Every n-th voxel of the volume, gzip."""
    volume = await sync_to_async(_volume)(request.cohort, volume_id)
    return await stored_file_response(request, volume.preview_key)


@accepts_token
@cohort_view(*SEES_IMAGES)
async def volume_slab(request: HttpRequest, volume_id: UUID, slab_number: int) -> HttpResponseBase:
    """One slab of slices at full resolution, gzip; the first is 0."""
    volume = await sync_to_async(_volume)(request.cohort, volume_id)
    if slab_number >= len(volume.slab_keys):
        raise NotFound(f"The volume has {len(volume.slab_keys)} slabs, numbered from 0.")
    return await stored_file_response(request, volume.slab_keys[slab_number])


def _volume(cohort: Cohort, volume_id: UUID) -> Volume:
    volume = Volume.objects.filter(pk=volume_id, series__study__patient__cohort=cohort).first()
    if volume is None:
        raise NotFound("There is no such volume in this cohort.")
    return volume
