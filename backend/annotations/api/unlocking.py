"""``POST /api/v1/cohorts/<slug>/readings/<id>/unlock/``: a coordinator withdraws a reading, with the reason."""

from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import generics, serializers
from rest_framework.request import Request
from rest_framework.response import Response

from backend.annotations.blinding import require_readings_visible
from backend.annotations.models import Reading
from backend.annotations.services.unlocking import unlock_reading
from backend.cohorts.access import CohortPermission
from backend.cohorts.models import Role
from backend.core.access import AccessRule, Audience
from backend.core.errors import NotFound


class UnlockSerializer(serializers.Serializer):
    """Why the reading is unlocked."""

    reason = serializers.CharField(max_length=500)


class ReadingUnlockView(generics.GenericAPIView):
    """The reading counts no longer; its reader is blinded again and hands in another."""

    access_rule = AccessRule(audience=Audience.COHORT, roles=frozenset({Role.COORDINATOR}), blinded=True)
    permission_classes = [CohortPermission]
    serializer_class = UnlockSerializer
    queryset = Reading.objects.none()

    @extend_schema(operation_id="readings_unlock", responses={204: None})
    def post(self, request: Request, slug: str, reading_id: UUID) -> Response:
        rows = Reading.objects.select_related("case__patient")
        reading = rows.filter(pk=reading_id, case__patient__cohort=self.cohort).first()
        if reading is None:
            raise NotFound("There is no such reading in this cohort.")
        require_readings_visible(request.user, reading.case, self.roles)
        sent = self.get_serializer(data=request.data)
        sent.is_valid(raise_exception=True)
        unlock_reading(reading=reading, actor=request.user, reason=sent.validated_data["reason"])
        return Response(status=204)
