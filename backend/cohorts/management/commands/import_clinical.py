"""``manage.py import_clinical --cohort SLUG TABLE [--mapping NAME] [--dry-run]``: clinical and p53 values by number."""

import json
from argparse import ArgumentParser
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from backend.cohorts.clinical_mappings import mapping_named
from backend.cohorts.clinical_models import ClinicalTable
from backend.cohorts.clinical_tables import start_clinical_import
from backend.cohorts.models import Cohort
from backend.core.errors import DomainError
from backend.jobs.models import Job, JobState
from backend.jobs.waiting import wait_for_job

AUTOMATIC = "auto"


class Command(BaseCommand):
    help = (
        "Import a clinical table (CSV or XLSX by hospital number) into a cohort, whole or not at all; "
        "a worker must be running."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("path", type=Path, metavar="TABLE")
        parser.add_argument("--cohort", required=True, metavar="SLUG")
        parser.add_argument(
            "--mapping",
            default="",
            metavar="NAME",
            help="a mapping that the cohort remembers, a JSON file with one, or auto for the one that PETRA proposes "
            "(REDCap exports); without it the columns must be PETRA's own",
        )
        parser.add_argument("--reason", default="", help="kept with every value that changes")
        parser.add_argument("--dry-run", action="store_true", help="only say what would be imported")
        parser.add_argument("--no-wait", action="store_true", help="queue the import and return")

    def handle(self, *args: object, path: Path, cohort: str, no_wait: bool, **options: object) -> None:
        found = Cohort.objects.filter(slug=cohort).first()
        if found is None:
            raise CommandError(f"There is no cohort {cohort}: make it with manage.py create_cohort {cohort}.")
        try:
            content = path.read_bytes()
        except OSError as error:
            raise CommandError(f"{path} cannot be read ({error.strerror}): name a CSV or XLSX file.") from error
        dry_run = bool(options["dry_run"])
        try:
            mapping, name = _mapping(found, str(options["mapping"]))
            job = start_clinical_import(
                cohort=found,
                chunks=[content],
                dry_run=dry_run,
                actor=None,
                mapping=mapping,
                mapping_name=name,
                reason=str(options["reason"]),
            )
        except DomainError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"Import {job.pk} queued.")
        if not no_wait:
            self._report(wait_for_job(job, on_change=lambda text: self.stdout.write(text)), dry_run=dry_run)

    def _report(self, job: Job, *, dry_run: bool) -> None:
        if job.state != JobState.SUCCEEDED:
            raise CommandError(job.message)
        table = ClinicalTable.objects.get(pk=job.parameters["table"])
        for cell in table.problems:
            column = f"{cell['letter']} “{cell['header']}” ({cell['field']})" if cell["header"] else cell["field"]
            self.stdout.write(f"row {cell['row']}, column {column}: {cell['reason']}")
        if table.problem_count:
            raise CommandError(job.message)
        self.stdout.write(job.message)
        for pseudonym, change in sorted(job.result["patients"].items()) if dry_run else ():
            self.stdout.write(f"{pseudonym}: {change}")


def _mapping(cohort: Cohort, asked: str) -> tuple[dict | None, str]:
    if not asked:
        return None, ""
    if asked == AUTOMATIC:
        return {"automatic": True}, ""
    path = Path(asked)
    if path.suffix != ".json":
        return mapping_named(cohort, asked).mapping, asked
    try:
        return json.loads(path.read_text(encoding="utf-8")), path.stem
    except (OSError, ValueError) as error:
        raise CommandError(f"{path} holds no mapping: give a JSON file that PETRA wrote, or a name.") from error
