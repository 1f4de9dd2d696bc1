"""The voxels of a mask, for whoever may see it: blinding and authorship decide, over any role."""

from uuid import UUID

from asgiref.sync import sync_to_async
from django.http import HttpRequest, HttpResponseBase

from backend.accounts.models import User
from backend.annotations.blinding import BLINDED, may_see_mask
from backend.annotations.models import Mask
from backend.cohorts.access import cohort_view
from backend.cohorts.models import Cohort
from backend.core.errors import Forbidden, NotFound
from backend.imaging.serving import accepts_token, stored_file_response
from backend.imaging.voxel_views import SEES_IMAGES


@accepts_token
@cohort_view(*SEES_IMAGES, blinded=True)
async def labelmap(request: HttpRequest, mask_id: UUID) -> HttpResponseBase:
    """uint8, z-major, gzip, on the PET grid where there is such a rendition; ``?grid=own`` for that of its making."""
    user = await request.auser()
    mask = await sync_to_async(_visible_mask)(request.cohort, user, request.roles, mask_id)
    rendition = mask.provenance.get("on_pet_grid")
    key = rendition["key"] if rendition and request.GET.get("grid") != "own" else mask.storage_key
    return await stored_file_response(request, key)


def _visible_mask(cohort: Cohort, user: User, roles: frozenset[str], mask_id: UUID) -> Mask:
    rows = Mask.objects.select_related("case__patient", "assignment")
    mask = rows.filter(pk=mask_id, case__patient__cohort=cohort).first()
    if mask is None:
        raise NotFound("There is no such mask in this cohort.")
    if not may_see_mask(user, mask, roles):
        raise Forbidden(f"This mask is hidden from you. {BLINDED}")
    return mask
