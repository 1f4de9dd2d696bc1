"""``/api/v1/cohorts/<slug>/features/``: feature sets, and the values of one by name."""

from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import generics
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.dashboards.api.results import ResultView
from backend.dashboards.feature_filters import FeatureSetFilter
from backend.dashboards.selectors.feature_tables import feature_set_of, feature_sets_of
from backend.features.models import FeatureSet
from backend.features.serializers import FeatureSetDetailSerializer, FeatureSetSerializer


class FeatureSetListView(ResultView, generics.ListAPIView):
    """The newest set of every case and source; ``roi=automatic`` for the segmenter's own ROIs."""

    serializer_class = FeatureSetSerializer
    filterset_class = FeatureSetFilter
    queryset = FeatureSet.objects.none()

    def get_queryset(self) -> QuerySet[FeatureSet]:
        is_automatic = self.request.query_params.get("roi") == "automatic"
        return feature_sets_of(self.cohort, roi="automatic" if is_automatic else "consensus")


class FeatureSetDetailView(ResultView, APIView):
    """One set with its values by name."""

    @extend_schema(operation_id="features_retrieve", responses=FeatureSetDetailSerializer)
    def get(self, request: Request, slug: str, feature_set_id: UUID) -> Response:
        return Response(FeatureSetDetailSerializer(feature_set_of(self.cohort, feature_set_id)).data)
