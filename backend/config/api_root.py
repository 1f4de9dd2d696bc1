"""The API's front door and its schema, for signed-in people and tokens."""

from drf_spectacular.utils import extend_schema, inline_serializer
from drf_spectacular.views import SpectacularAPIView
from rest_framework import serializers
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.views import APIView

from backend.accounts.access import SIGNED_IN

_ROOT = inline_serializer("ApiRoot", {"cohorts": serializers.URLField(), "schema": serializers.URLField()})


class ApiRootView(APIView):
    """Where to start: the caller's cohorts, and the schema of everything else."""

    access_rule = SIGNED_IN
    permission_classes = [IsAuthenticated]

    @extend_schema(operation_id="root_retrieve", responses=_ROOT)
    def get(self, request: Request) -> Response:
        cohorts = reverse("api:cohort_list", request=request)
        return Response({"cohorts": cohorts, "schema": reverse("api:schema", request=request)})


class SchemaView(SpectacularAPIView):
    """The OpenAPI document of the whole API."""

    access_rule = SIGNED_IN
