"""Filters of the audit trail."""

import django_filters

from backend.audit.models import AuditRecord
from backend.core.filters import DayFilter, SearchFilter


class AuditFilter(django_filters.FilterSet):
    search = SearchFilter(
        "action", "actor_name", "object_type", "object_id", "reason", placeholder="Action, person, object, reason"
    )
    action = SearchFilter("action", label="Action", placeholder="job.enqueue", width=10)
    actor = SearchFilter("actor_name", "actor__username", label="Person", width=10)
    object_type = SearchFilter("object_type", label="Object", placeholder="jobs.job", width=9)
    since = DayFilter(field_name="at", lookup_expr="date__gte", label="From")
    until = DayFilter(field_name="at", lookup_expr="date__lte", label="To")

    class Meta:
        model = AuditRecord
        fields = ["search", "action", "actor", "object_type", "since", "until"]


class WithheldAuditFilter(AuditFilter):
    """For who may not see the contents yet: a search must not find by them either."""

    search = SearchFilter("action", "actor_name", "object_type", "object_id", placeholder="Action, person or object")
