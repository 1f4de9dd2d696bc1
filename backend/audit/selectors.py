"""Questions about the audit trail."""

from uuid import UUID

from django.db.models import QuerySet

from backend.audit.models import AuditRecord


def audit_of_cohort(cohort_uuid: UUID) -> QuerySet[AuditRecord]:
    """What was done in one cohort, newest first."""
    return AuditRecord.objects.filter(cohort_uuid=cohort_uuid).select_related("actor").order_by("-id")


def whole_audit() -> QuerySet[AuditRecord]:
    """What was done on the platform, newest first."""
    return AuditRecord.objects.select_related("actor").order_by("-id")
