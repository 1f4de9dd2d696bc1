"""Saving, listing and bringing back the revisions of one's own reading, making one of two, and the time at work."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from backend.annotations.adjudication import is_signed
from backend.annotations.models import Assignment, Mask
from backend.annotations.selectors import revisions_of
from backend.annotations.services.drawing import revision_of, save_mask
from backend.annotations.services.edits import WholeMaskNeeded
from backend.annotations.services.merging import LesionPair, compare_versions, merge_versions
from backend.annotations.services.reading_time import record_active_time
from backend.annotations.services.restoring import restore_revision
from backend.annotations.views.requests import (
    DRAWS,
    compressed_mask,
    edit_of,
    json_body,
    optional_place_lps_mm,
    optional_uuid,
    own_assignment_or_404,
    required_uuid,
    uuid_list,
)
from backend.cohorts.access import cohort_view
from backend.core.errors import InvalidInput

# A reading saves hundreds of revisions; older ones are reached by ``?before=NUMBER``.
LISTED = 200


@cohort_view(*DRAWS, blinded=True)
@require_http_methods(["GET", "POST"])
def revisions(request: HttpRequest, assignment_id: UUID) -> JsonResponse:
    """GET lists the revisions of one's own reading; POST keeps another one."""
    # A case that is taken back while somebody draws loses none of the strokes that are on their way.
    assignment = own_assignment_or_404(request, assignment_id, withdrawn_too=True)
    return _save(request, assignment) if request.method == "POST" else _list(request, assignment)


def _list(request: HttpRequest, assignment: Assignment) -> JsonResponse:
    """Also what a page asks that was signed out or slept: who is signed in, a fresh token, and whether it may go on."""
    rows = revisions_of(assignment)
    if request.GET.get("before", "").isdigit():
        rows = rows.filter(number__lt=int(request.GET["before"]))
    handed_in = assignment.readings.standing().values_list("mask", flat=True).first()
    answer = {
        "reader": str(request.user.pk),
        "csrf_token": get_token(request),
        "may_draw": not (assignment.readings.standing().exists() or is_signed(assignment)),
        "revisions": [_entry(request, mask, handed_in) for mask in rows[:LISTED]],
        "versions": [str(pk) for pk in revisions_of(assignment).filter(is_tip=True).values_list("pk", flat=True)],
    }
    return _fresh(JsonResponse(answer))


def _save(request: HttpRequest, assignment: Assignment) -> JsonResponse:
    """201 with the revision, or the sentence that says why not; ``need: whole`` where the edit does not suffice."""
    body = json_body(request)
    _record_time(assignment, body)
    edit = edit_of(body)
    try:
        saved = save_mask(
            assignment=assignment,
            actor=request.user,
            parent_id=optional_uuid(body, "parent_revision"),
            lesions=body.get("lesions"),
            mask_gzip=compressed_mask(body) if edit is None else None,
            edit=edit,
            proposal_id=optional_uuid(body, "proposal_id"),
            client_key=optional_uuid(body, "client_key"),
            includes=uuid_list(body, "includes"),
            liver_lps_mm=optional_place_lps_mm(body, "liver_lps_mm"),
        )
    except WholeMaskNeeded as error:
        return JsonResponse({"message": str(error), "need": "whole"}, status=409)
    answer = {"revision": _revision(request, saved.mask), "branch": saved.branched, "message": saved.message}
    return JsonResponse(answer, status=201)


@cohort_view(*DRAWS, blinded=True)
@require_POST
def restore(request: HttpRequest, assignment_id: UUID) -> JsonResponse:
    """Makes an older revision the newest."""
    assignment, body = own_assignment_or_404(request, assignment_id), json_body(request)
    mask = restore_revision(
        assignment=assignment,
        actor=request.user,
        revision_id=required_uuid(body, "revision"),
        parent_id=optional_uuid(body, "parent_revision"),
    )
    return JsonResponse({"revision": _revision(request, mask)}, status=201)


@cohort_view(*DRAWS, blinded=True)
@require_GET
def compare(request: HttpRequest, assignment_id: UUID) -> JsonResponse:
    """Two versions lesion by lesion: ``?first=`` and ``?second=``."""
    assignment = own_assignment_or_404(request, assignment_id)
    first, second = (revision_of(assignment, required_uuid(request.GET, name)) for name in ("first", "second"))
    pairs = compare_versions(first, second)
    answer = {
        "first": _entry(request, first, None),
        "second": _entry(request, second, None),
        "lesions": [_pair(pair, first.geometry) for pair in pairs],
    }
    return _fresh(JsonResponse(answer))


@cohort_view(*DRAWS, blinded=True)
@require_POST
def merge(request: HttpRequest, assignment_id: UUID) -> JsonResponse:
    """Makes one revision of two, lesion by lesion."""
    assignment, body = own_assignment_or_404(request, assignment_id), json_body(request)
    takes = body.get("takes")
    if not isinstance(takes, dict) or not all(isinstance(take, str) for take in takes.values()):
        raise InvalidInput("Say for each lesion which version is taken.")
    mask = merge_versions(
        assignment=assignment,
        actor=request.user,
        first_id=required_uuid(body, "first"),
        second_id=required_uuid(body, "second"),
        takes=takes,
    )
    return JsonResponse({"revision": _revision(request, mask)}, status=201)


@cohort_view(*DRAWS, blinded=True)
@require_POST
def active_time(request: HttpRequest, assignment_id: UUID) -> HttpResponse:
    """The heartbeat of a page that is at work."""
    _record_time(own_assignment_or_404(request, assignment_id), json_body(request))
    return HttpResponse(status=204)


def _record_time(assignment: Assignment, body: dict) -> None:
    seconds = body.get("active_seconds")
    if isinstance(seconds, int) and not isinstance(seconds, bool):
        record_active_time(assignment=assignment, visit=required_uuid(body, "visit"), active_seconds=seconds)


def _revision(request: HttpRequest, mask: Mask) -> dict:
    url = reverse("annotations:labelmap", kwargs={"slug": request.cohort.slug, "mask_id": mask.pk})
    return {"id": str(mask.pk), "number": mask.number, "url": url, "lesions": mask.lesions}


def _entry(request: HttpRequest, mask: Mask, handed_in: UUID | None) -> dict:
    return {
        **_revision(request, mask),
        "parent": mask.parent_id and str(mask.parent_id),
        "merged": mask.merged_id and str(mask.merged_id),
        "restored": mask.provenance.get("restored"),
        "is_branch": mask.is_branch,
        "is_tip": getattr(mask, "is_tip", False),
        "is_handed_in": mask.pk == handed_in,
        "at": mask.created_at.isoformat(),
        "voxel_count": mask.voxel_count,
        "volume_ml": round(mask.volume_ml, 3),
    }


def _pair(pair: LesionPair, geometry: dict) -> dict:
    x, y, z = geometry["spacing_mm"]
    return {
        "key": pair.key,
        "first": pair.first,
        "second": pair.second,
        "first_ml": round(pair.first_voxels * x * y * z / 1000, 3),
        "second_ml": round(pair.second_voxels * x * y * z / 1000, 3),
        "is_same": pair.is_same,
    }


def _fresh(response: JsonResponse) -> JsonResponse:
    response["Cache-Control"] = "no-store"
    return response
