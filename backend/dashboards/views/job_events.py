"""Live progress of a cohort's jobs as server-sent events.

``event: jobs`` carries the newest jobs (on connecting, and whenever notifications were missed); ``event: job`` one row.
"""

import asyncio
import json
from collections.abc import AsyncIterator

from asgiref.sync import sync_to_async
from django.db import close_old_connections
from django.http import HttpRequest, StreamingHttpResponse

from backend.accounts.models import User
from backend.cohorts.access import cohort_view, limit_in
from backend.cohorts.models import Cohort, Membership, Role
from backend.core.centre_limit import limited_to
from backend.dashboards.job_rows import shown_snapshot
from backend.dashboards.withholding import jobs_seen_by, withholds_details
from backend.jobs.events import job_event_hub

KEEP_ALIVE_S = 15.0
ROWS_IN_SNAPSHOT = 200
# Proxies close a quiet stream; the browser opens it again after this time.
RETRY_MS = 3000
QUIET: dict = {}
WATCHERS = (Role.COORDINATOR, Role.ANALYST)


@cohort_view(*WATCHERS)
async def job_events(request: HttpRequest) -> StreamingHttpResponse:
    """The stream; only this cohort's jobs are in it, and it ends for who is no longer a member."""
    user = await request.auser()
    stream = _events(request.cohort, user)
    response = StreamingHttpResponse(stream, content_type="text/event-stream")
    response["Cache-Control"] = "no-cache"
    response["X-Accel-Buffering"] = "no"
    return response


async def _events(cohort: Cohort, user: User) -> AsyncIterator[str]:
    # Subscribed before the rows are read: a change in between is seen twice rather than never.
    async with job_event_hub().subscribe() as queue:
        yield f"retry: {RETRY_MS}\n\n"
        yield _event("jobs", await _snapshot(cohort, user, None))
        while True:
            notification = await _next(queue)
            if notification and notification["cohort"] != str(cohort.pk):
                continue
            if not await _may_watch(cohort, user):
                return
            if notification == QUIET:
                yield ": still here\n\n"
            elif notification is None:
                yield _event("jobs", await _snapshot(cohort, user, None))
            else:
                for row in await _snapshot(cohort, user, notification["job"]):
                    yield _event("job", row)


async def _next(queue: asyncio.Queue) -> dict | None:
    try:
        return await asyncio.wait_for(queue.get(), KEEP_ALIVE_S)
    except TimeoutError:
        return QUIET


def _event(name: str, data: object) -> str:
    return f"event: {name}\ndata: {json.dumps(data)}\n\n"


@sync_to_async
def _may_watch(cohort: Cohort, user: User) -> bool:
    """Whether the account is still open and still has a role that sees jobs."""
    try:
        return Membership.objects.filter(cohort=cohort, user=user, user__is_active=True, role__in=WATCHERS).exists()
    finally:
        close_old_connections()


@sync_to_async
def _snapshot(cohort: Cohort, user: User, job_id: str | None) -> list[dict]:
    """Reads the rows and gives the connection back at once, so that open streams hold none."""
    try:
        return job_rows(cohort, user, job_id)
    finally:
        close_old_connections()


def job_rows(cohort: Cohort, user: User, job_id: str | None = None) -> list[dict]:
    """The newest jobs, or one, as the person may see them now: of their own centre where they are limited to one."""
    with limited_to(limit_in(user, cohort)):
        withheld = withholds_details(user, cohort)
        jobs = jobs_seen_by(user, cohort).defer("log", "inputs", "result")
        wanted = jobs.filter(pk=job_id) if job_id else jobs[:ROWS_IN_SNAPSHOT]
        return [shown_snapshot(job, withheld=withheld) for job in wanted]
