"""``manage.py import_readings --cohort SLUG --reader USERNAME FOLDER``: masks drawn elsewhere become readings."""

from argparse import ArgumentParser
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from backend.accounts.models import User
from backend.annotations.services.outside_readings import start_reading_import
from backend.cohorts.models import Cohort
from backend.core.errors import DomainError
from backend.jobs.models import JobState
from backend.jobs.waiting import wait_for_job


class Command(BaseCommand):
    help = (
        "Hand in masks (RTSTRUCT, DICOM SEG or NIfTI) that a reader drew in another program. FOLDER holds one folder "
        "per patient, named by hospital number; a worker must be running."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("path", type=Path, metavar="FOLDER")
        parser.add_argument("--cohort", required=True, metavar="SLUG")
        parser.add_argument("--reader", required=True, metavar="USERNAME")
        parser.add_argument(
            "--file", default="*", metavar="PATTERN", help="which file of a patient's folder, such as 'reader_1.*'"
        )
        parser.add_argument("--no-wait", action="store_true", help="queue the import and return")

    def handle(self, *args: object, path: Path, cohort: str, reader: str, **options: object) -> None:
        found = Cohort.objects.filter(slug=cohort).first()
        person = User.objects.filter(username=reader).first()
        if found is None or person is None:
            raise CommandError(f"There is no {'cohort ' + cohort if found is None else 'person ' + reader}.")
        try:
            job = start_reading_import(cohort=found, reader=person, path=path, pattern=str(options["file"]), actor=None)
        except DomainError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"Import {job.pk} queued.")
        if options["no_wait"]:
            return
        job = wait_for_job(job, on_change=lambda text: self.stdout.write(text))
        if job.state != JobState.SUCCEEDED:
            raise CommandError(job.message)
        self.stdout.write(job.message)
