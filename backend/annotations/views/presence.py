"""The viewer's heartbeat, and the page on which coordinators see the team at work."""

import asyncio
import json
from collections.abc import AsyncIterator
from uuid import UUID

from asgiref.sync import sync_to_async
from django.db import close_old_connections
from django.http import HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from backend.accounts.models import User
from backend.annotations.blinding import blinded_case_ids
from backend.annotations.services.presence import end_presence, record_heartbeat
from backend.annotations.team import team_snapshot
from backend.annotations.views.requests import DRAWS, json_body, own_assignment_or_404
from backend.cohorts.access import cohort_view, limit_in
from backend.cohorts.models import Cohort, Membership, Role
from backend.core.centre_limit import limited_to
from backend.jobs.events import NOTIFY_PRESENCE, event_hub

# Also how often a quiet stream is sent afresh: who went away without a word falls out by it.
QUIET_S = 15.0
# Many beats in a moment are one change.
GATHER_S = 1.0
RETRY_MS = 3000


@cohort_view(*DRAWS, blinded=True)
@require_POST
def here(request: HttpRequest, assignment_id: UUID) -> JsonResponse:
    """``{"active": bool}`` while the case is open, ``{"closed": true}`` when its page is left."""
    assignment, body = own_assignment_or_404(request, assignment_id), json_body(request)
    if body.get("closed"):
        end_presence(assignment)
    else:
        record_heartbeat(assignment, is_active=bool(body.get("active")))
    return JsonResponse({})


@cohort_view(Role.COORDINATOR, blinded=True)
def team(request: HttpRequest) -> HttpResponse:
    """As it stands when the page is asked for; the stream keeps it true."""
    context = {
        **team_snapshot(request.user, request.cohort),
        "hidden_count": len(blinded_case_ids(request.user, request.cohort)),
    }
    return render(request, "annotations/team.html", context)


@cohort_view(Role.COORDINATOR, blinded=True)
@require_GET
def team_now(request: HttpRequest) -> JsonResponse:
    """The same as JSON: what the page polls where it has no stream."""
    response = JsonResponse(team_snapshot(request.user, request.cohort))
    response["Cache-Control"] = "no-store"
    return response


@cohort_view(Role.COORDINATOR, blinded=True)
async def team_events(request: HttpRequest) -> StreamingHttpResponse:
    """``event: team`` with the whole snapshot, on every change and at least every 15 s; it ends with the role."""
    user = await request.auser()
    response = StreamingHttpResponse(_events(request.cohort, user), content_type="text/event-stream")
    response["Cache-Control"] = "no-cache"
    response["X-Accel-Buffering"] = "no"
    return response


async def _events(cohort: Cohort, user: User) -> AsyncIterator[str]:
    # Subscribed before the rows are read: a change in between is seen twice rather than never.
    async with event_hub(NOTIFY_PRESENCE).subscribe() as queue:
        yield f"retry: {RETRY_MS}\n\n"
        while (snapshot := await _snapshot(cohort, user)) is not None:
            yield f"event: team\ndata: {json.dumps(snapshot)}\n\n"
            await _next_change(queue, cohort)


async def _next_change(queue: asyncio.Queue, cohort: Cohort) -> None:
    """Returns at a change in this cohort, or after a quiet while."""
    end = asyncio.get_running_loop().time() + QUIET_S
    while (left := end - asyncio.get_running_loop().time()) > 0:
        try:
            notification = await asyncio.wait_for(queue.get(), left)
        except TimeoutError:
            return
        if notification is None or notification["cohort"] == str(cohort.pk):
            await asyncio.sleep(GATHER_S)
            while not queue.empty():
                queue.get_nowait()
            return


@sync_to_async
def _snapshot(cohort: Cohort, user: User) -> dict | None:
    """None once the person is no longer a coordinator; the connection goes back at once."""
    try:
        return team_rows(cohort, user)
    finally:
        close_old_connections()


def team_rows(cohort: Cohort, user: User) -> dict | None:
    """The team at work on what the person may see now: their own centre where they are limited to one."""
    allowed = Membership.objects.filter(cohort=cohort, user=user, user__is_active=True, role=Role.COORDINATOR)
    with limited_to(limit_in(user, cohort)):
        return team_snapshot(user, cohort) if allowed.exists() else None
