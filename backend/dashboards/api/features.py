"""``/api/v1/cohorts/<slug>/features/``: feature sets, and the values of one by name."""

from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import generics
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.dashboards.api.results import ResultView, StaleRows
from backend.dashboards.feature_filters import FeatureSetFilter
from backend.dashboards.selectors.feature_tables import feature_set_of, feature_sets_of
from backend.experiments.serializers import StaleField
from backend.features.models import FeatureSet
from backend.features.serializers import FeatureSetDetailSerializer, FeatureSetSerializer


class StaleFeatureSetSerializer(StaleField, FeatureSetSerializer):
    """A feature set without its values, and whether it is stale."""

    class Meta(FeatureSetSerializer.Meta):
        fields = [*FeatureSetSerializer.Meta.fields, "stale"]


class StaleFeatureSetDetailSerializer(StaleField, FeatureSetDetailSerializer):
    """The same with its values by name."""

    class Meta(FeatureSetDetailSerializer.Meta):
        fields = [*FeatureSetDetailSerializer.Meta.fields, "stale"]


class FeatureSetListView(StaleRows, ResultView, generics.ListAPIView):
    """The newest set of every case and source; ``roi=automatic`` for the segmenter's own ROIs."""

    serializer_class = StaleFeatureSetSerializer
    filterset_class = FeatureSetFilter
    queryset = FeatureSet.objects.none()

    def get_queryset(self) -> QuerySet[FeatureSet]:
        is_automatic = self.request.query_params.get("roi") == "automatic"
        return feature_sets_of(self.cohort, roi="automatic" if is_automatic else "consensus")


class FeatureSetDetailView(ResultView, APIView):
    """One set with its values by name."""

    @extend_schema(operation_id="features_retrieve", responses=StaleFeatureSetDetailSerializer)
    def get(self, request: Request, slug: str, feature_set_id: UUID) -> Response:
        return Response(StaleFeatureSetDetailSerializer(feature_set_of(self.cohort, feature_set_id)).data)
