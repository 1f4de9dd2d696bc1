"""``/api/v1/viewer-settings/``: how the signed-in person has set up the viewer; nobody reads another's."""

from drf_spectacular.utils import extend_schema
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.accounts.access import SIGNED_IN
from backend.accounts.serializers import ViewerSettingsSerializer
from backend.accounts.services import keep_viewer_settings, viewer_settings_of


class ViewerSettingsView(APIView):
    """What is not set is left out: the viewer has a default for everything."""

    access_rule = SIGNED_IN
    permission_classes = [IsAuthenticated]

    @extend_schema(operation_id="viewer_settings_retrieve", responses=ViewerSettingsSerializer)
    def get(self, request: Request) -> Response:
        return self._answer(viewer_settings_of(request.user))

    @extend_schema(
        operation_id="viewer_settings_update", request=ViewerSettingsSerializer, responses=ViewerSettingsSerializer
    )
    def put(self, request: Request) -> Response:
        """Replaces all settings."""
        serializer = ViewerSettingsSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        return self._answer(keep_viewer_settings(request.user, serializer.validated_data))

    @staticmethod
    def _answer(values: dict) -> Response:
        return Response(values, headers={"Cache-Control": "no-store"})
