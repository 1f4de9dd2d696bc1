"""``manage.py import_dicom --cohort SLUG PATH``: import a folder or a zip of DICOM into a cohort, as a job."""

from argparse import ArgumentParser
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from backend.cohorts.centres import centre_named
from backend.cohorts.models import Cohort
from backend.core.errors import DomainError
from backend.imaging.models import ImportedFile
from backend.imaging.services.uploads import stage_local_path, start_import
from backend.jobs.models import JobState
from backend.jobs.waiting import wait_for_job


class Command(BaseCommand):
    help = "Import a folder or zip of DICOM into a cohort; a worker must be running."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("path", type=Path)
        parser.add_argument("--cohort", required=True, metavar="SLUG")
        parser.add_argument("--centre", default="", metavar="NAME", help="where the patients come from")
        parser.add_argument("--no-wait", action="store_true", help="queue the import and return")

    def handle(self, *args: object, path: Path, cohort: str, centre: str, no_wait: bool, **options: object) -> None:
        found = Cohort.objects.filter(slug=cohort).first()
        if found is None:
            raise CommandError(f"There is no cohort {cohort}: make it with manage.py create_cohort {cohort}.")
        try:
            upload = stage_local_path(cohort=found, path=path, actor=None, centre=centre_named(found, centre))
        except DomainError as error:
            raise CommandError(str(error)) from error
        job = start_import(upload=upload, actor=None)
        self.stdout.write(f"Import {job.pk} queued.")
        if no_wait:
            return
        job = wait_for_job(job, on_change=lambda text: self.stdout.write(text))
        if job.state != JobState.SUCCEEDED:
            raise CommandError(job.message)
        self.stdout.write(job.message)
        for file in ImportedFile.objects.filter(upload=upload, outcome=ImportedFile.Outcome.REFUSED):
            self.stdout.write(f"file {file.ordinal} was refused: {file.reason}")
