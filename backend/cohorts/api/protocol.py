"""``/api/v1/cohorts/<slug>/protocol/``: the versions of a protocol, and making the next one."""

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import generics, status
from rest_framework.request import Request
from rest_framework.response import Response

from backend.cohorts.access import CohortPermission
from backend.cohorts.models import ProtocolVersion, Role
from backend.cohorts.patient_serializers import NewProtocolSerializer, ProtocolVersionSerializer
from backend.cohorts.protocol import ProtocolRules
from backend.cohorts.protocol_versions import new_protocol_version
from backend.core.access import AccessRule, Audience


class ProtocolView(generics.ListAPIView):
    """All versions, newest first; the first one is in force."""

    access_rule = AccessRule(audience=Audience.COHORT)
    method_rules = {"POST": AccessRule(audience=Audience.COHORT, roles=frozenset({Role.COORDINATOR}))}
    permission_classes = [CohortPermission]
    serializer_class = ProtocolVersionSerializer
    queryset = ProtocolVersion.objects.none()

    def get_queryset(self) -> QuerySet[ProtocolVersion]:
        return ProtocolVersion.objects.filter(cohort=self.cohort).select_related("created_by").order_by("-number")

    @extend_schema(request=NewProtocolSerializer, responses={201: ProtocolVersionSerializer})
    def post(self, request: Request, slug: str) -> Response:
        asked = NewProtocolSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        version = new_protocol_version(
            cohort=self.cohort,
            rules=ProtocolRules.from_json(dict(asked.validated_data["rules"])),
            reason=asked.validated_data["reason"],
            actor=request.user,
        )
        return Response(ProtocolVersionSerializer(version).data, status=status.HTTP_201_CREATED)
