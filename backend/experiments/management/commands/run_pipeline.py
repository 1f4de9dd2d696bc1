"""``manage.py run_pipeline --cohort SLUG``: every computing step of a cohort in order, as jobs."""

from argparse import ArgumentParser
from collections.abc import Callable

from django.core.management.base import BaseCommand, CommandError

from backend.cohorts.models import Cohort
from backend.core.errors import DomainError
from backend.experiments.services.pipeline import STAGES, Stage
from backend.jobs.models import Job, JobState
from backend.jobs.waiting import wait_for_cohort


class Command(BaseCommand):
    help = "Run consensus, features, freeze, training, clusters, statistics and automatic ROIs of a cohort."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--cohort", required=True, metavar="SLUG")

    def handle(self, *args: object, cohort: str, **options: object) -> None:
        found = Cohort.objects.filter(slug=cohort).first()
        if found is None:
            raise CommandError(f"There is no cohort {cohort}.")
        self._wait(found, 0, lambda left: None)
        total = sum(stage.weight for stage in STAGES)
        done = 0.0
        for stage in STAGES:
            self._run(found, stage, done / total, stage.weight / total)
            done += stage.weight
        self.stdout.write("Every job has ended 100%")

    def _run(self, cohort: Cohort, stage: Stage, before: float, share: float) -> None:
        try:
            jobs = stage.start(cohort)
        except DomainError as error:
            raise CommandError(f"{stage.title}: {error}") from error

        def show(left: int) -> None:
            part = 1 - left / len(jobs) if jobs else 1.0
            self.stdout.write(f"{stage.title} {100 * (before + share * max(part, 0)):.0f}%")

        self._wait(cohort, len(jobs), show)
        failed = Job.objects.filter(pk__in=[job.pk for job in jobs], state=JobState.FAILED)
        for job in failed:
            self.stderr.write(f"{job}: {job.message}")
        if jobs and failed.count() == len(jobs):
            raise CommandError(f"{stage.title}: {failed[0].message}")

    def _wait(self, cohort: Cohort, count: int, show: Callable[[int], object]) -> None:
        show(count)
        wait_for_cohort(cohort.pk, on_change=show)
