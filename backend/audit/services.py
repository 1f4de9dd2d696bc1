"""Writing the audit trail, inside the transaction of the change that it records: neither is without the other."""

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone

from backend.accounts.models import User
from backend.audit.models import AuditRecord

# One writer at a time appends to the chain; any fixed number will do.
_CHAIN_LOCK = 7_471_001
SYSTEM_NAME = "PETRA"
ERASED = {"erased": True}
ERASING_ACTION = "audit.erase_values"
_RECORDS_AT_ONCE = 1000
_waiting: ContextVar[list[AuditRecord] | None] = ContextVar("waiting_audit_records", default=None)


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
    )
    waiting = _waiting.get()
    if waiting is None:
        _append([record])
    else:
        waiting.append(record)
    return record


@contextmanager
def audits_together() -> Iterator[None]:
    """Appends what is recorded inside the block at its end, in one turn of the chain.

    For changes of thousands of rows in one transaction: with a turn for each, everybody else who changes anything would
    wait from the first row to the commit. The block must lie inside the transaction of the changes.
    """
    token = _waiting.set([])
    try:
        yield
        _append(_waiting.get() or [])
    finally:
        _waiting.reset(token)


def _append(records: list[AuditRecord]) -> None:
    if not records:
        return
    with transaction.atomic():
        hold_chain()
        previous = AuditRecord.objects.order_by("-id").values_list("sha256", flat=True).first() or ""
        for record in records:
            record.previous_sha256 = previous
            record.sha256 = previous = record_digest(record)
        AuditRecord.objects.bulk_create(records, batch_size=_RECORDS_AT_ONCE)


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
    """The ids of records whose hash or link does not fit; empty when the trail is whole.

    A record that a patient's withdrawal emptied fits by its link, where an unharmed record of the erasure names it.
    """
    broken, previous, erased = [], "", _erased_ids()
    for record in AuditRecord.objects.order_by("id").iterator():
        emptied = record.pk in erased and record.before == record.after == ERASED
        if record.previous_sha256 != previous or not (emptied or record.sha256 == record_digest(record)):
            broken.append(record.pk)
        previous = record.sha256
    return broken


def _erased_ids() -> set[int]:
    rows = AuditRecord.objects.filter(action=ERASING_ACTION)
    return {pk for row in rows if row.sha256 == record_digest(row) for pk in row.after.get("audit_records", [])}
