"""Writing the audit trail, inside the transaction of the change that it records: neither is without the other."""

import hashlib
import json
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone

from backend.accounts.models import User
from backend.audit.models import AuditRecord

# One writer at a time appends to the chain; any fixed number will do.
_CHAIN_LOCK = 7_471_001
SYSTEM_NAME = "PETRA"


def record_audit(
    *,
    action: str,
    subject: Any,
    actor: User | None = None,
    cohort_uuid: UUID | None = None,
    before: dict | None = None,
    after: dict | None = None,
    reason: str = "",
) -> AuditRecord:
    """Appends one record about ``subject`` (a model instance)."""
    with transaction.atomic():
        hold_chain()
        previous = AuditRecord.objects.order_by("-id").values_list("sha256", flat=True).first() or ""
        record = AuditRecord(
            at=timezone.now(),
            actor=actor,
            actor_name=actor.shown_name if actor else SYSTEM_NAME,
            action=action,
            object_type=subject._meta.label_lower,
            object_id=str(subject.pk),
            cohort_uuid=cohort_uuid,
            before=before or {},
            after=after or {},
            reason=reason,
            previous_sha256=previous,
        )
        record.sha256 = record_digest(record)
        record.save(force_insert=True)
        return record


def hold_chain() -> None:
    """Takes the chain's turn until the end of the transaction.

    A transaction that locks rows of jobs and writes a record takes this first: two that take both in different orders
    would wait for each other for ever.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_CHAIN_LOCK])


def record_digest(record: AuditRecord) -> str:
    """The hash of everything in the record but the hash itself."""
    content = {
        "at": record.at.isoformat(),
        "actor": record.actor_id,
        "actor_name": record.actor_name,
        "action": record.action,
        "object": [record.object_type, record.object_id],
        "cohort": str(record.cohort_uuid or ""),
        "before": record.before,
        "after": record.after,
        "reason": record.reason,
        "previous": record.previous_sha256,
    }
    return hashlib.sha256(json.dumps(content, sort_keys=True, default=str).encode()).hexdigest()


def verify_chain() -> list[int]:
    """The ids of records whose hash or link does not fit; empty when the trail is whole."""
    broken, previous = [], ""
    for record in AuditRecord.objects.order_by("id").iterator():
        if record.previous_sha256 != previous or record.sha256 != record_digest(record):
            broken.append(record.pk)
        previous = record.sha256
    return broken
