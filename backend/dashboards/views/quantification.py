"""Counting nuclei in a region: asking for it, following its job, and the outlines of what was counted."""

import json
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpRequest, JsonResponse
from django.urls import reverse
from django.views.decorators.http import require_POST

from backend.accounts.models import User
from backend.cohorts.access import cohort_view
from backend.cohorts.models import Role
from backend.core.errors import InvalidInput, NotFound
from backend.dashboards.views.photographs import photograph_of
from backend.jobs.models import Job, JobKind
from backend.pathology.models import IhcProposal, SlidePhotograph
from backend.pathology.services.quantification import proposal_outlines, request_quantification


def own_proposals(user: User, photographs: QuerySet[SlidePhotograph] | list[SlidePhotograph]) -> QuerySet[IhcProposal]:
    """A pathologist's own counts: another's region and figure would be another's read, seen before the own."""
    return IhcProposal.objects.filter(photograph__in=photographs, requested_by=user).select_related("photograph")


@cohort_view(Role.PATHOLOGIST, blinded=True)
@require_POST
def quantify(request: HttpRequest, photograph_id: UUID) -> JsonResponse:
    """Takes ``{"region_xy": [[x, y], …]}`` in pixels of the photograph; answers where to follow the job."""
    found = photograph_of(request, photograph_id)
    try:
        region = json.loads(request.body)["region_xy"]
    except (ValueError, KeyError, TypeError) as error:
        raise InvalidInput('Send the region as JSON: {"region_xy": [[x, y], …]}.') from error
    job = request_quantification(photograph=found, region_xy=region, actor=request.user)
    where = {"slug": request.cohort.slug, "photograph_id": found.pk, "count_id": job.pk}
    return JsonResponse({"state_url": reverse("pathology:quantify_state", kwargs=where)}, status=202)


@cohort_view(Role.PATHOLOGIST, blinded=True)
def quantify_state(request: HttpRequest, photograph_id: UUID, count_id: UUID) -> JsonResponse:
    """How far an own count is, and once it is done the page that shows it."""
    found = photograph_of(request, photograph_id)
    job = Job.objects.filter(
        pk=count_id, kind=JobKind.QUANTIFY_IHC, subject_id=str(found.pk), created_by=request.user
    ).first()
    if job is None:
        raise NotFound("There is no such count of yours.")
    proposal = own_proposals(request.user, [found]).filter(created_at__gte=job.created_at).first()
    page = reverse("pathology:photograph", kwargs={"slug": request.cohort.slug, "photograph_id": found.pk})
    shown = f"{page}?proposal={proposal.pk}" if proposal and job.is_over else ""
    return JsonResponse({"state": job.state, "message": job.message or job.step, "proposal_url": shown})


@cohort_view(Role.PATHOLOGIST, blinded=True)
def outlines(request: HttpRequest, photograph_id: UUID, proposal_id: UUID) -> JsonResponse:
    """Region and outlines of an own count, in pixels of the photograph."""
    found = photograph_of(request, photograph_id)
    proposal = own_proposals(request.user, [found]).filter(pk=proposal_id).first()
    if proposal is None or found.erased_at:
        raise NotFound("There is no such count of yours.")
    return JsonResponse({"region_xy": proposal.region_xy, "outlines": proposal_outlines(proposal)})
