"""``manage.py backup FILE``: database and files in one verified archive, while PETRA runs."""

from pathlib import Path
from typing import Any

from django.core.files.storage import default_storage
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection

from backend.core.backup import verify_backup, write_backup
from backend.core.errors import DomainError
from backend.core.postgres_tools import Database


class Command(BaseCommand):
    help = "Write database and files into FILE (a gzipped tar), then read it back and check every hash"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            write_backup(options["file"], Database.of_owner(connection.settings_dict), default_storage)
            manifest = verify_backup(options["file"])
        except DomainError as error:
            raise CommandError(str(error)) from error
        size_mb = options["file"].stat().st_size / 1e6
        self.stdout.write(f"{options['file']}: database and {len(manifest.keys())} files, {size_mb:.1f} MB, verified.")
        self.stdout.write("Keep PETRA_PSEUDONYM_KEY too: it is not in the file, and no patient is matched without it.")
