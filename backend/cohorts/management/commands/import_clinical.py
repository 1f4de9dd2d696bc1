"""``manage.py import_clinical --cohort SLUG CSV [--dry-run]``: clinical and p53 values keyed by hospital number."""

from argparse import ArgumentParser
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from backend.cohorts.clinical_import import start_clinical_import
from backend.cohorts.models import Cohort
from backend.core.errors import DomainError
from backend.jobs.models import JobState
from backend.jobs.waiting import wait_for_job


class Command(BaseCommand):
    help = (
        "Import a clinical table (CSV by hospital number) into a cohort, whole or not at all; a worker must be running."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("path", type=Path, metavar="CSV")
        parser.add_argument("--cohort", required=True, metavar="SLUG")
        parser.add_argument("--dry-run", action="store_true", help="only say what would be imported")
        parser.add_argument("--no-wait", action="store_true", help="queue the import and return")

    def handle(self, *args: object, path: Path, cohort: str, dry_run: bool, no_wait: bool, **options: object) -> None:
        found = Cohort.objects.filter(slug=cohort).first()
        if found is None:
            raise CommandError(f"There is no cohort {cohort}: make it with manage.py create_cohort {cohort}.")
        try:
            content = path.read_bytes()
        except OSError as error:
            raise CommandError(f"{path} cannot be read ({error.strerror}): name a CSV file.") from error
        try:
            job = start_clinical_import(cohort=found, chunks=[content], dry_run=dry_run, actor=None)
        except DomainError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"Import {job.pk} queued.")
        if no_wait:
            return
        job = wait_for_job(job, on_change=lambda text: self.stdout.write(text))
        if job.state != JobState.SUCCEEDED:
            raise CommandError(job.message)
        self.stdout.write(job.message)
        if dry_run:
            for pseudonym, change in sorted(job.result["patients"].items()):
                self.stdout.write(f"{pseudonym}: {change}")
