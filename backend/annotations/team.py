"""Who reads what at this moment and how far everybody is: names, places and times, never what is drawn."""

from datetime import datetime, timedelta

from django.urls import reverse
from django.utils import timezone

from backend.accounts.models import User
from backend.annotations.blinding import blinded_case_ids
from backend.annotations.models import Presence, Purpose
from backend.annotations.selectors import assignments_seen_by, reader_progress
from backend.annotations.services.presence import GONE_AFTER
from backend.cohorts.models import Cohort

IDLE_AFTER = timedelta(seconds=90)


def team_snapshot(user: User, cohort: Cohort) -> dict:
    """``here`` (the open cases) and ``progress`` (per reader and task), without what the person has still to read."""
    now = timezone.now()
    rows = Presence.objects.filter(
        assignment__case__patient__cohort=cohort, assignment__withdrawn_at__isnull=True, seen_at__gt=now - GONE_AFTER
    )
    rows = rows.exclude(assignment__case__in=blinded_case_ids(user, cohort))
    rows = rows.select_related("assignment__case__patient", "assignment__reader").order_by("since")
    progress = reader_progress(assignments_seen_by(user, cohort))
    return {
        "here": [_open_case(row, cohort, now) for row in rows],
        "progress": [
            {
                "reader": row["name"],
                "task": row["target_title"],
                "submitted": row["submitted"],
                "total": row["total"],
                "overdue": row["overdue"],
            }
            for row in progress
        ],
    }


def _open_case(row: Presence, cohort: Cohort, now: datetime) -> dict:
    assignment = row.assignment
    return {
        "id": str(assignment.pk),
        "reader": assignment.reader.shown_name,
        "pseudonym": assignment.case.patient.pseudonym,
        "url": reverse("cases:detail", kwargs={"slug": cohort.slug, "case_id": assignment.case_id}),
        "task": "Adjudication" if assignment.purpose == Purpose.ADJUDICATION else assignment.get_target_display(),
        "since": row.since.isoformat(),
        "minutes": int((now - row.since).total_seconds() // 60),
        "is_idle": now - row.active_at > IDLE_AFTER,
        "idle_minutes": int((now - row.active_at).total_seconds() // 60),
    }
