"""``/api/v1/cohorts/<slug>/audit/``: the audit trail of one cohort, for its coordinators."""

from django.db.models import QuerySet
from rest_framework import generics
from rest_framework.request import Request
from rest_framework.response import Response

from backend.audit.filters import AuditFilter, WithheldAuditFilter
from backend.audit.models import AuditRecord
from backend.audit.serializers import AuditRecordSerializer
from backend.cohorts.access import CohortPermission
from backend.cohorts.models import Role
from backend.core.access import AccessRule, Audience
from backend.dashboards.withholding import audit_seen_by, withholds_details


class CohortAuditView(generics.ListAPIView):
    """What was done in the cohort, newest first."""

    access_rule = AccessRule(audience=Audience.COHORT, roles=frozenset({Role.COORDINATOR}))
    permission_classes = [CohortPermission]
    serializer_class = AuditRecordSerializer
    filterset_class = AuditFilter
    queryset = AuditRecord.objects.none()

    def get_queryset(self) -> QuerySet[AuditRecord]:
        return audit_seen_by(self.request.user, self.cohort)

    def filter_queryset(self, queryset: QuerySet[AuditRecord]) -> QuerySet[AuditRecord]:
        if self.withheld:
            return WithheldAuditFilter(self.request.query_params, queryset).qs
        return super().filter_queryset(queryset)

    @property
    def withheld(self) -> bool:
        return withholds_details(self.request.user, self.cohort)

    def list(self, request: Request, *args: object, **kwargs: object) -> Response:
        response = super().list(request, *args, **kwargs)
        if self.withheld:
            for row in response.data["results"]:
                row.update(before={}, after={}, reason="")
        return response
