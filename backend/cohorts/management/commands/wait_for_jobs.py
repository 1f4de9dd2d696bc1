"""``manage.py wait_for_jobs --cohort SLUG``: returns when the cohort has no job in flight."""

from argparse import ArgumentParser

from django.core.management.base import BaseCommand, CommandError

from backend.cohorts.models import Cohort
from backend.jobs.models import Job, JobState
from backend.jobs.waiting import wait_for_cohort


class Command(BaseCommand):
    help = "Wait for every queued and running job of a cohort; failed ones are listed."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--cohort", required=True, metavar="SLUG")

    def handle(self, *args: object, cohort: str, **options: object) -> None:
        found = Cohort.objects.filter(slug=cohort).first()
        if found is None:
            raise CommandError(f"There is no cohort {cohort}.")
        most = [1]

        def show(left: int) -> None:
            most[0] = max(most[0], left)
            self.stdout.write(f"{left} jobs in flight {100 * (1 - left / most[0]):.0f}%")

        wait_for_cohort(found.pk, on_change=show)
        for job in Job.objects.filter(cohort_uuid=found.pk, state=JobState.FAILED):
            self.stdout.write(f"{job}: {job.message}")
