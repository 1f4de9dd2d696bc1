"""How long a reader was at work in a case: seconds in which its tab was visible and used within the last minute."""

import uuid

from django.utils import timezone

from backend.annotations.models import Assignment, ReadingSession
from backend.core.errors import InvalidInput

# Longer than anybody reads in one visit; what lies beyond it is not a time.
LONGEST_VISIT_S = 24 * 3600


def record_active_time(*, assignment: Assignment, visit: uuid.UUID, active_seconds: int) -> None:
    """Keeps how long a visit has been active so far; a report that comes late or twice never makes it shorter."""
    if not 0 <= active_seconds <= LONGEST_VISIT_S:
        raise InvalidInput("The time at work must be seconds of one visit.")
    session, _ = ReadingSession.objects.get_or_create(assignment=assignment, client_key=visit)
    longer = ReadingSession.objects.filter(pk=session.pk, active_seconds__lt=active_seconds)
    longer.update(active_seconds=active_seconds, last_at=timezone.now())
