"""``manage.py restore FILE [--replace]``: puts a backup in the place of this installation's database and files."""

from pathlib import Path
from typing import Any

from django.core.files.storage import default_storage
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from backend.core.errors import DomainError
from backend.core.postgres_tools import Database
from backend.core.restore import restore_backup


class Command(BaseCommand):
    help = "Check FILE, then put its database and files in the place of what is here (stop web and workers first)"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--replace", action="store_true", help="restore over a database that is not empty")

    def handle(self, *args: Any, **options: Any) -> None:
        known = {f"{app}.{name}" for app, name in MigrationLoader(None, ignore_no_migrations=True).disk_migrations}
        # Django's own connection would count as somebody at work.
        connection.close()
        database = Database.of_owner(connection.settings_dict)
        try:
            manifest = restore_backup(
                options["file"], database, default_storage, replace=options["replace"], known_migrations=known
            )
        except DomainError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"Restored the state of {manifest.created_at}: database and {len(manifest.keys())} files.")
        if known - set(manifest.migrations):
            self.stdout.write("The backup is of an older version: run `manage.py migrate` now.")
