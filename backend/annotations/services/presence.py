"""A heartbeat of the viewer: who has which case open. Kept in a row that counts for nothing once it is not renewed.

The database and not the broker's Valkey holds it: one write per reader and twenty seconds, and its notifications reach
the web processes on the connection that listens for jobs' anyway.
"""

import json
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.utils import timezone

from backend.annotations.models import Assignment, Presence
from backend.jobs.events import NOTIFY_PRESENCE

# The page beats every 20 s; a browser in the background may beat once a minute.
GONE_AFTER = timedelta(seconds=75)


def record_heartbeat(assignment: Assignment, *, is_active: bool, now: datetime | None = None) -> Presence:
    """The case is open now; ``is_active`` says that the reader moved a hand since the last beat."""
    now = now or timezone.now()
    with transaction.atomic():
        row, made = Presence.objects.select_for_update().get_or_create(
            assignment=assignment, defaults={"since": now, "seen_at": now, "active_at": now}
        )
        if not made:
            _renew(row, is_active, now)
        _notify(assignment)
    return row


def _renew(row: Presence, is_active: bool, now: datetime) -> None:
    if now - row.seen_at > GONE_AFTER:
        row.since = row.active_at = now
    elif is_active:
        row.active_at = now
    row.seen_at = now
    row.save(update_fields=["since", "seen_at", "active_at"])


def end_presence(assignment: Assignment) -> None:
    """The page was closed."""
    if Presence.objects.filter(assignment=assignment).update(seen_at=timezone.now() - GONE_AFTER * 2):
        _notify(assignment)


def _notify(assignment: Assignment) -> None:
    body = json.dumps({"cohort": str(assignment.case.patient.cohort_id), "case": str(assignment.case_id)})
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, %s)", [NOTIFY_PRESENCE, body])
