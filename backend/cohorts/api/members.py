"""``/api/v1/cohorts/<slug>/members/``: who works on a cohort, for its coordinators."""

from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import generics, status
from rest_framework.request import Request
from rest_framework.response import Response

from backend.accounts.models import User
from backend.cohorts.access import CohortPermission
from backend.cohorts.centres import find_centre
from backend.cohorts.member_filters import MemberFilter
from backend.cohorts.models import Membership, Role
from backend.cohorts.serializers import MemberSerializer, NewMemberSerializer
from backend.cohorts.services import add_member, remove_member
from backend.core.access import AccessRule, Audience
from backend.core.errors import InvalidInput, NotFound

COORDINATORS = AccessRule(audience=Audience.COHORT, roles=frozenset({Role.COORDINATOR}))


class MemberListView(generics.ListAPIView):
    """Roles in the cohort, and giving one."""

    access_rule = COORDINATORS
    permission_classes = [CohortPermission]
    serializer_class = MemberSerializer
    filterset_class = MemberFilter
    queryset = Membership.objects.none()

    def get_queryset(self) -> QuerySet[Membership]:
        rows = Membership.objects.filter(cohort=self.cohort).select_related("user", "centre")
        return rows.order_by("user__username", "role")

    @extend_schema(request=NewMemberSerializer, responses={201: MemberSerializer})
    def post(self, request: Request, slug: str) -> Response:
        asked = NewMemberSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        user = User.objects.filter(username__iexact=asked.validated_data["username"], is_active=True).first()
        if user is None:
            raise InvalidInput("There is no open account of this name. An administrator can make one.")
        name = asked.validated_data.get("centre", "")
        membership = add_member(
            cohort=self.cohort,
            user=user,
            role=asked.validated_data["role"],
            centre=find_centre(self.cohort, name) if name else None,
            actor=request.user,
        )
        return Response(MemberSerializer(membership).data, status=status.HTTP_201_CREATED)


class MemberDetailView(generics.GenericAPIView):
    """One role of one person."""

    access_rule = COORDINATORS
    permission_classes = [CohortPermission]
    serializer_class = MemberSerializer
    queryset = Membership.objects.none()

    def delete(self, request: Request, slug: str, membership_id: UUID) -> Response:
        """Takes the role away; the last coordinator stays."""
        membership = Membership.objects.filter(cohort=self.cohort, pk=membership_id).select_related("user").first()
        if membership is None:
            raise NotFound("There is no such role in this cohort.")
        remove_member(membership=membership, actor=request.user)
        return Response(status=status.HTTP_204_NO_CONTENT)
