"""Jobs of a cohort: the list, one job with its log and inputs, cancel and retry."""

from collections.abc import Iterable
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from backend.cohorts.access import cohort_view
from backend.cohorts.list_pages import cohort_list_context, exported
from backend.cohorts.models import Role
from backend.core.errors import InvalidInput, NotFound
from backend.dashboards.job_rows import log_tail, seconds_run, seconds_waited, shown_snapshot
from backend.dashboards.job_starts import start_job
from backend.dashboards.listings import JOBS
from backend.dashboards.withholding import WITHHELD, jobs_seen_by, withholds_details
from backend.jobs.filters import JobFilter
from backend.jobs.models import Job
from backend.jobs.services import cancel_job, retry_job

ROWS_IN_SNAPSHOT = 200
_START_FIELDS = {"kind", "subject", "csrfmiddlewaretoken"}


@cohort_view(Role.COORDINATOR, Role.ANALYST)
def job_list(request: HttpRequest) -> HttpResponseBase:
    """Newest first; rows in flight are live through the event stream."""
    filterset = JobFilter(request.GET, jobs_seen_by(request.user, request.cohort).defer("log", "inputs", "result"))
    withheld = _withheld(request)

    def make_rows(jobs: Iterable[Job]) -> list[Job]:
        jobs = list(jobs)
        for job in jobs:
            job.seconds_run = seconds_run(job)
            job.shown_message = "" if withheld["withheld"] else job.message if job.is_over else job.step
        return jobs

    if file := exported(request, JOBS, filterset.qs, name="jobs", make_rows=make_rows):
        return file
    context = cohort_list_context(request, JOBS, filterset)
    make_rows(context["page"])
    return render(request, "jobs/job_list.html", {**context, **withheld})


@cohort_view(Role.COORDINATOR, Role.ANALYST)
def job_detail(request: HttpRequest, job_id: UUID) -> HttpResponse:
    """Everything about one job, and what can be done with it."""
    job = _job_or_404(request, job_id)
    withheld = withholds_details(request.user, request.cohort)
    context = {
        "job": job,
        "log": log_tail(job, withheld=withheld),
        "children": jobs_seen_by(request.user, request.cohort)
        .filter(parent=job)
        .defer("log", "inputs", "result")
        .order_by("created_at")[:ROWS_IN_SNAPSHOT],
        "seconds_waited": seconds_waited(job),
        "seconds_run": seconds_run(job),
    }
    return render(request, "jobs/job_detail.html", {**context, **_withheld(request)})


@cohort_view(Role.COORDINATOR, Role.ANALYST)
def job_states(request: HttpRequest) -> JsonResponse:
    """The newest jobs as JSON: what a page polls where it has no event stream."""
    withheld = withholds_details(request.user, request.cohort)
    jobs = jobs_seen_by(request.user, request.cohort).defer("log", "inputs", "result")[:ROWS_IN_SNAPSHOT]
    return JsonResponse({"jobs": [shown_snapshot(job, withheld=withheld) for job in jobs]})


@cohort_view(Role.COORDINATOR, Role.ANALYST)
@require_POST
def job_start(request: HttpRequest) -> HttpResponse:
    """``kind``, and ``subject`` where it is not the newest one; every other field is a parameter of the work."""
    fields = request.POST.dict()
    parameters = {name: value for name, value in fields.items() if name not in _START_FIELDS and value}
    if "seed" in parameters and not parameters["seed"].isdecimal():
        raise InvalidInput("The seed is a whole number.")
    parameters = {name: int(value) if name == "seed" else value for name, value in parameters.items()}
    job = start_job(
        cohort=request.cohort,
        kind=fields.get("kind", ""),
        actor=request.user,
        subject_id=fields.get("subject"),
        parameters=parameters,
    )
    return redirect("jobs:detail", slug=request.cohort.slug, job_id=job.pk)


@cohort_view(Role.COORDINATOR, Role.ANALYST)
@require_POST
def job_cancel(request: HttpRequest, job_id: UUID) -> HttpResponse:
    job = cancel_job(job=_job_or_404(request, job_id), actor=request.user)
    messages.success(
        request, "The job is cancelled." if job.is_over else "The job was asked to stop; it ends in seconds."
    )
    return redirect("jobs:detail", slug=request.cohort.slug, job_id=job.pk)


@cohort_view(Role.COORDINATOR, Role.ANALYST)
@require_POST
def job_retry(request: HttpRequest, job_id: UUID) -> HttpResponse:
    job = retry_job(job=_job_or_404(request, job_id), actor=request.user)
    messages.success(request, "The job is queued again.")
    return redirect("jobs:detail", slug=request.cohort.slug, job_id=job.pk)


def _job_or_404(request: HttpRequest, job_id: UUID) -> Job:
    job = jobs_seen_by(request.user, request.cohort).select_related("parent").filter(pk=job_id).first()
    if job is None:
        raise NotFound("There is no such job in this cohort.")
    return job


def _withheld(request: HttpRequest) -> dict:
    withheld = withholds_details(request.user, request.cohort)
    return {"withheld": WITHHELD if withheld else ""}
