"""``manage.py verify_audit``: whether every record of the audit trail is there and unchanged."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from backend.audit.models import AuditRecord
from backend.audit.services import verify_chain


class Command(BaseCommand):
    help = "Checks the chain of hashes over the audit trail; exit status 1 where a record was changed or removed."

    def handle(self, *args: Any, **options: Any) -> None:
        broken = verify_chain()
        if broken:
            first = ", ".join(str(number) for number in broken[:10])
            raise CommandError(
                f"The audit trail is broken at {len(broken)} records (first: {first}). Restore a backup."
            )
        self.stdout.write(f"The audit trail is whole: {AuditRecord.objects.count()} records.")
