"""Questions about the audit trail."""

from uuid import UUID

from django.db.models import QuerySet

from backend.audit.models import AuditRecord


def audit_of_cohort(cohort_uuid: UUID) -> QuerySet[AuditRecord]:
    """What was done in one cohort, newest first."""
    return AuditRecord.objects.filter(cohort_uuid=cohort_uuid).select_related("actor").order_by("-id")


# Looking changes nothing that a page shows of a cohort's data.
_LOOKS = ("view", "export", "look")


def cohort_revision(cohort_uuid: UUID) -> int:
    """The newest record of a change in a cohort: whatever was worked out at this number still stands.

    Every change of a cohort's data is a record in its own transaction, so none goes by unseen.
    """
    rows = AuditRecord.objects.filter(cohort_uuid=cohort_uuid).order_by("-id")
    for look in _LOOKS:
        rows = rows.exclude(action__endswith=f".{look}")
    return rows.values_list("pk", flat=True).first() or 0


def whole_audit() -> QuerySet[AuditRecord]:
    """What was done on the platform, newest first."""
    return AuditRecord.objects.select_related("actor").order_by("-id")
