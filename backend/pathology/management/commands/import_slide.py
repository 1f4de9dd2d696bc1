"""``manage.py import_slide --cohort SLUG --patient PSEUDONYM --stain he|p53_ihc FILE``: a whole-slide file."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from backend.cohorts.models import Patient
from backend.core.errors import DomainError
from backend.pathology.models import SlidePhotograph
from backend.pathology.services.slides import receive_slide

CHUNK_BYTES = 4 << 20


class Command(BaseCommand):
    help = "Queues a whole-slide file (SVS, NDPI, tiled TIFF); its label and macro pictures are never read."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--cohort", required=True, metavar="SLUG")
        parser.add_argument("--patient", required=True, metavar="PSEUDONYM")
        parser.add_argument("--stain", required=True, choices=SlidePhotograph.Stain.values)

    def handle(self, *args: Any, **options: Any) -> None:
        rows = Patient.objects.filter(cohort__slug=options["cohort"], pseudonym=options["patient"])
        patient = rows.select_related("cohort").first()
        if patient is None:
            raise CommandError(f"There is no patient {options['patient']} in the cohort {options['cohort']}.")
        if not options["file"].is_file():
            raise CommandError(f"There is no file {options['file']}: name a whole-slide file.")
        try:
            receive_slide(patient=patient, stain=options["stain"], chunks=_chunks(options["file"]), actor=None)
        except DomainError as error:
            raise CommandError(str(error)) from error
        self.stdout.write("Queued: a worker turns the slide into tiles. The page of jobs shows how far it is.")


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as handle:
        while chunk := handle.read(CHUNK_BYTES):
            yield chunk
