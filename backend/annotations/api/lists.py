"""``/api/v1/cohorts/<slug>/…``: assignments, readings, masks and consensuses, without the rows that blinding hides."""

from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import generics
from rest_framework.request import Request
from rest_framework.response import Response

from backend.annotations.blinding import BLINDED, blinded_case_ids, may_see_mask
from backend.annotations.models import Assignment, Consensus, Mask, MaskSource, Reading
from backend.annotations.selectors import assignments_seen_by, with_state
from backend.annotations.serializers import (
    AssignmentSerializer,
    ConsensusSerializer,
    MaskSerializer,
    ReadingSerializer,
)
from backend.cohorts.access import CohortPermission
from backend.cohorts.models import Role
from backend.core.access import AccessRule, Audience
from backend.core.errors import Forbidden, NotFound

OVERSEERS = AccessRule(
    audience=Audience.COHORT,
    roles=frozenset({Role.COORDINATOR, Role.ADJUDICATOR, Role.ANALYST}),
    blinded=True,
)
WITH_READERS = AccessRule(audience=Audience.COHORT, roles=OVERSEERS.roles | {Role.READER}, blinded=True)


class AssignmentListView(generics.ListAPIView):
    """A coordinator sees all assignments but others' of cases still to be read; everybody else their own."""

    access_rule = WITH_READERS
    permission_classes = [CohortPermission]
    serializer_class = AssignmentSerializer
    filterset_fields = ["target", "case"]
    queryset = Assignment.objects.none()

    def get_queryset(self) -> QuerySet[Assignment]:
        rows = with_state(assignments_seen_by(self.request.user, self.cohort))
        if Role.COORDINATOR not in self.roles:
            rows = rows.filter(reader=self.request.user)
        return rows.order_by("reader__username", "target", "position", "pk")


class ReadingListView(generics.ListAPIView):
    """What was handed in, without the cases that the caller still has to read."""

    access_rule = OVERSEERS
    permission_classes = [CohortPermission]
    serializer_class = ReadingSerializer
    filterset_fields = ["target", "case", "outcome"]
    queryset = Reading.objects.none()

    def get_queryset(self) -> QuerySet[Reading]:
        hidden = blinded_case_ids(self.request.user, self.cohort)
        rows = Reading.objects.filter(case__patient__cohort=self.cohort).exclude(case__in=hidden)
        related = ("reader", "measurement", "withdrawal", "proposal_use__proposal")
        return rows.select_related(*related).order_by("created_at", "pk")


class ConsensusListView(generics.ListAPIView):
    """Consensuses, newest first, without the cases that the caller still has to read."""

    access_rule = OVERSEERS
    permission_classes = [CohortPermission]
    serializer_class = ConsensusSerializer
    filterset_fields = ["target", "case", "is_signed"]
    queryset = Consensus.objects.none()

    def get_queryset(self) -> QuerySet[Consensus]:
        hidden = blinded_case_ids(self.request.user, self.cohort)
        rows = Consensus.objects.filter(case__patient__cohort=self.cohort).exclude(case__in=hidden)
        return rows.select_related("signed_by", "mask", "reopening", "measurement").order_by("-created_at", "pk")


class MaskListView(generics.ListAPIView):
    """Masks that were handed in, proposed or settled on; drafts of readers are in no list."""

    access_rule = OVERSEERS
    permission_classes = [CohortPermission]
    serializer_class = MaskSerializer
    filterset_fields = ["target", "case", "source"]
    queryset = Mask.objects.none()

    def get_queryset(self) -> QuerySet[Mask]:
        hidden = blinded_case_ids(self.request.user, self.cohort)
        rows = Mask.objects.filter(case__patient__cohort=self.cohort).exclude(case__in=hidden)
        handed_in = Exists(Reading.objects.standing().filter(mask=OuterRef("pk")))
        shown = rows.filter(~Q(source=MaskSource.DRAWN) | handed_in)
        return shown.select_related("author").order_by("-created_at", "pk")


class MaskDetailView(generics.GenericAPIView):
    """One mask without its voxels."""

    access_rule = WITH_READERS
    permission_classes = [CohortPermission]
    serializer_class = MaskSerializer
    queryset = Mask.objects.none()

    @extend_schema(operation_id="masks_retrieve")
    def get(self, request: Request, slug: str, mask_id: UUID) -> Response:
        rows = Mask.objects.select_related("case__patient", "assignment", "author")
        mask = rows.filter(pk=mask_id, case__patient__cohort=self.cohort).first()
        if mask is None:
            raise NotFound("There is no such mask in this cohort.")
        if not may_see_mask(request.user, mask, self.roles):
            raise Forbidden(f"This mask is hidden from you. {BLINDED}")
        return Response(self.get_serializer(mask).data)
