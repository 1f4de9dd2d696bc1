"""``manage.py jobs list|show|start|cancel|retry``: the jobs from a terminal."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from backend.cohorts.models import Cohort
from backend.core.errors import DomainError
from backend.dashboards.job_starts import STARTS, start_job
from backend.jobs.models import Job, JobState
from backend.jobs.services import cancel_job, retry_job


class Command(BaseCommand):
    help = "Lists jobs, shows one with its log, starts work by its kind, cancels a job or starts it again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        listing = actions.add_parser("list", help="newest first")
        listing.add_argument("--cohort", help="only this cohort's (its address)")
        listing.add_argument("--state", choices=JobState.values)
        listing.add_argument("--limit", type=int, default=50)
        start = actions.add_parser("start", help="queue work by its kind, on the newest subject unless one is named")
        start.add_argument("kind", choices=sorted(STARTS))
        start.add_argument("--cohort", required=True, help="the cohort's address")
        start.add_argument("--subject", help="identifier of the case, dataset or experiment")
        start.add_argument("--parameters", type=json.loads, default={}, help='as JSON, such as {"size": "small"}')
        for action, text in (("show", "one job with its log"), ("cancel", "stop it"), ("retry", "start it again")):
            actions.add_parser(action, help=text).add_argument("job_id")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["action"] == "list":
            self._list(options)
            return
        try:
            job = _start(options) if options["action"] == "start" else _job(options["job_id"])
            if options["action"] == "cancel":
                job = cancel_job(job=job, actor=None)
            elif options["action"] == "retry":
                job = retry_job(job=job, actor=None)
        except DomainError as error:
            raise CommandError(str(error)) from error
        self._show(job, with_log=options["action"] == "show")

    def _list(self, options: dict) -> None:
        jobs = Job.objects.defer("log", "inputs", "result")
        if options["cohort"]:
            jobs = jobs.filter(cohort_uuid=_cohort(options["cohort"]).pk)
        if options["state"]:
            jobs = jobs.filter(state=options["state"])
        for job in jobs[: options["limit"]]:
            self.stdout.write(f"{job.pk}  {job.state:<9}  {job.progress:4.0%}  {job}  {job.message}".rstrip())

    def _show(self, job: Job, *, with_log: bool) -> None:
        self.stdout.write(f"{job}\nstate {job.state}, attempt {job.attempt} of {job.max_attempts}, {job.progress:.0%}")
        for name in ("step", "message", "worker", "inputs_sha256"):
            if value := getattr(job, name):
                self.stdout.write(f"{name} {value}")
        if with_log and job.log:
            self.stdout.write(job.log)


def _start(options: dict) -> Job:
    return start_job(
        cohort=_cohort(options["cohort"]),
        kind=options["kind"],
        actor=None,
        subject_id=options["subject"],
        parameters=options["parameters"],
    )


def _cohort(slug: str) -> Cohort:
    cohort = Cohort.objects.filter(slug=slug).first()
    if cohort is None:
        raise CommandError(f"There is no cohort with the address {slug}.")
    return cohort


def _job(job_id: str) -> Job:
    try:
        return Job.objects.get(pk=job_id)
    except (Job.DoesNotExist, ValidationError) as error:
        raise CommandError(f"There is no job {job_id}.") from error
