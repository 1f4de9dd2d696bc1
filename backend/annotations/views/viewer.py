"""The viewer's page and what it asks the server: the manifest, saving, handing in, and laying the PET on the CT."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from backend.accounts.services import viewer_settings_of
from backend.annotations.adjudication import is_signed
from backend.annotations.blinding import is_blinded
from backend.annotations.manifests import assignment_manifest, view_url
from backend.annotations.models import Assignment, Purpose
from backend.annotations.selectors import next_assignment, previous_assignment
from backend.annotations.services.adjudicating import sign_consensus
from backend.annotations.services.drawing import revision_of
from backend.annotations.services.proposals import reject_proposal
from backend.annotations.services.submission import submit_reading
from backend.annotations.views.requests import (
    DRAWS,
    case_or_404,
    json_body,
    offset_lps_mm,
    optional_uuid,
    own_assignment_or_404,
)
from backend.audit.access_log import record_view
from backend.cohorts.access import cohort_view
from backend.cohorts.models import Role
from backend.core.errors import Forbidden, InvalidInput
from backend.imaging.models import Case
from backend.imaging.services.volumes import set_case_offset

REASON_LIMIT = 300


@cohort_view(*DRAWS, blinded=True)
@require_GET
def view_assignment(request: HttpRequest, assignment_id: UUID) -> HttpResponse:
    """The reader's own case, to draw in until it is handed in."""
    assignment = own_assignment_or_404(request, assignment_id)
    Assignment.every_purpose.filter(pk=assignment.pk, opened_at__isnull=True).update(opened_at=timezone.now())
    record_view(request, assignment.case)
    if assignment.purpose == Purpose.ADJUDICATION:
        return _adjudication_page(request, assignment)
    before, after = previous_assignment(assignment), next_assignment(assignment)
    own = Assignment.objects.filter(reader=request.user, target=assignment.target, case__patient__cohort=request.cohort)
    context = {
        "assignment": assignment,
        "case": assignment.case,
        "manifest_url": _manifest_url(request, assignment),
        "manifest": _manifest_of(request, assignment),
        "viewer_settings": viewer_settings_of(request.user),
        "before_url": view_url(before) if before else "",
        "after_url": view_url(after) if after else "",
        "submitted": own.handed_in().count(),
        "total": own.count(),
        "is_submitted": assignment.readings.standing().exists(),
    }
    # The page holds the manifest: a browser that took it from its cache would draw on an old revision.
    return _fresh(render(request, "annotations/viewer.html", context))


def _adjudication_page(request: HttpRequest, assignment: Assignment) -> HttpResponse:
    context = {
        "assignment": assignment,
        "case": assignment.case,
        "manifest_url": _manifest_url(request, assignment),
        "is_signed": is_signed(assignment),
    }
    return render(request, "annotations/adjudication.html", context)


def _manifest_url(request: HttpRequest, assignment: Assignment) -> str:
    address = reverse("annotations:manifest", kwargs={"slug": request.cohort.slug, "assignment_id": assignment.pk})
    revision = optional_uuid(request.GET, "revision")
    return f"{address}?revision={revision}" if revision else address


@cohort_view(*DRAWS, blinded=True)
@require_GET
def manifest(request: HttpRequest, assignment_id: UUID) -> JsonResponse:
    """The viewer's only input; ``?revision=`` shows an older one to look at."""
    assignment = own_assignment_or_404(request, assignment_id)
    return _fresh(JsonResponse(_manifest_of(request, assignment)))


def _manifest_of(request: HttpRequest, assignment: Assignment) -> dict:
    looked_at = revision_of(assignment, optional_uuid(request.GET, "revision"))
    return assignment_manifest(assignment, csrf_token=get_token(request), looked_at=looked_at)


@cohort_view(*DRAWS, blinded=True)
@require_POST
def submit(request: HttpRequest, assignment_id: UUID) -> JsonResponse:
    """Hands the reading in, or signs what was adjudicated, and says where to go on."""
    assignment, body = own_assignment_or_404(request, assignment_id), json_body(request)
    adjudicates = assignment.purpose == Purpose.ADJUDICATION
    hand_in = sign_consensus if adjudicates else submit_reading
    hand_in(
        assignment=assignment,
        actor=request.user,
        revision_id=optional_uuid(body, "revision"),
        outcome=str(body.get("outcome", "")),
        reason=str(body.get("reason") or ""),
    )
    if adjudicates:
        named = {"slug": request.cohort.slug, "case_id": assignment.case_id}
        return JsonResponse({"next_url": reverse("cases:detail", kwargs=named)})
    follower = next_assignment(assignment)
    worklist = reverse("annotations:worklist", kwargs={"slug": request.cohort.slug})
    return JsonResponse({"next_url": view_url(follower) if follower else worklist})


@cohort_view(Role.READER, blinded=True)
@require_POST
def reject(request: HttpRequest, assignment_id: UUID, mask_id: UUID) -> JsonResponse:
    """Records that the reader does not agree with a proposal: 201 with the time."""
    assignment = own_assignment_or_404(request, assignment_id)
    rejection = reject_proposal(assignment=assignment, proposal_id=mask_id, actor=request.user)
    return JsonResponse({"rejected_at": rejection.created_at.isoformat()}, status=201)


@cohort_view(Role.READER, Role.COORDINATOR, Role.ADJUDICATOR, blinded=True)
@require_POST
def offset(request: HttpRequest, case_id: UUID) -> JsonResponse:
    """Keeps a translation of the PET, with the reason; it moves the PET for every reader of the case."""
    case, body = case_or_404(request, case_id), json_body(request)
    _require_part_in(request, case)
    reason = str(body.get("reason") or "").strip()
    if not reason or len(reason) > REASON_LIMIT:
        raise InvalidInput(f"Give the reason for moving the PET, in at most {REASON_LIMIT} characters.")
    kept = set_case_offset(case=case, offset_lps_mm=offset_lps_mm(body), reason=reason, actor=request.user)
    return JsonResponse({"offset_lps_mm": kept.offset_lps_mm, "message": "The PET offset is kept."}, status=201)


def _require_part_in(request: HttpRequest, case: Case) -> None:
    if request.roles & {Role.COORDINATOR, Role.ADJUDICATOR} or is_blinded(request.user, case):
        return
    raise Forbidden("Only a reader who still reads this case may move its PET.")


def _fresh(response: HttpResponse) -> HttpResponse:
    response["Cache-Control"] = "no-store"
    return response
