"""Who looked at or took away data of a patient: pages and exports say so here."""

from datetime import timedelta
from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from backend.audit.models import AuditRecord
from backend.audit.services import record_audit

# Looking at the same thing again within this time is one look; exports are recorded every time.
SAME_LOOK = timedelta(minutes=10)


def record_view(request: HttpRequest, subject: Any, action: str = "view", **details: Any) -> AuditRecord | None:
    """Records that the person of the request saw ``subject`` (a model instance); None when it is the same look."""
    cohort = getattr(request, "cohort", None)
    full_action = f"{subject._meta.model_name}.{action}"
    if action == "view" and _seen_just_now(request, subject, full_action):
        return None
    return record_audit(
        action=full_action,
        subject=subject,
        actor=request.user,
        cohort_uuid=cohort.pk if cohort else None,
        after=details,
    )


def _seen_just_now(request: HttpRequest, subject: Any, action: str) -> bool:
    return AuditRecord.objects.filter(
        actor=request.user, action=action, object_id=str(subject.pk), at__gte=timezone.now() - SAME_LOOK
    ).exists()
