"""``/api/v1/cohorts/``: the cohorts of the caller."""

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import generics
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer

from backend.accounts.access import SIGNED_IN
from backend.cohorts.access import CohortPermission, visible_cohorts
from backend.cohorts.member_filters import CohortFilter
from backend.cohorts.models import Cohort
from backend.cohorts.serializers import CohortSerializer
from backend.cohorts.services import create_cohort
from backend.core.access import AccessRule, Audience


class CohortListView(generics.ListCreateAPIView):
    """The caller's cohorts; a new one makes the caller its coordinator."""

    access_rule = SIGNED_IN
    permission_classes = [IsAuthenticated]
    serializer_class = CohortSerializer
    filterset_class = CohortFilter
    queryset = Cohort.objects.none()

    def get_queryset(self) -> QuerySet[Cohort]:
        return Cohort.objects.filter(pk__in=visible_cohorts(self.request.user).values("pk")).order_by("name")

    def perform_create(self, serializer: BaseSerializer) -> None:
        serializer.instance = create_cohort(actor=self.request.user, **serializer.validated_data)


class CohortDetailView(generics.GenericAPIView):
    """One cohort."""

    access_rule = AccessRule(audience=Audience.COHORT)
    permission_classes = [CohortPermission]
    serializer_class = CohortSerializer

    @extend_schema(operation_id="cohorts_retrieve")
    def get(self, request: Request, slug: str) -> Response:
        return Response(self.get_serializer(self.cohort).data)
