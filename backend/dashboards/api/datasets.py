"""``/api/v1/cohorts/<slug>/datasets/``: frozen datasets and their members. To freeze one, start the job."""

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import generics
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.cohorts.models import DatasetMember, DatasetVersion
from backend.dashboards.api.results import ResultView, StaleRows
from backend.dashboards.dataset_filters import MemberFilter
from backend.dashboards.selectors.datasets import dataset_of, dataset_versions, members_of
from backend.experiments.serializers import DatasetMemberSerializer, DatasetVersionSerializer


class DatasetListView(StaleRows, ResultView, generics.ListAPIView):
    """All versions, newest first."""

    serializer_class = DatasetVersionSerializer
    queryset = DatasetVersion.objects.none()

    def get_queryset(self) -> QuerySet[DatasetVersion]:
        return dataset_versions(self.cohort)


class DatasetDetailView(ResultView, APIView):
    """One version."""

    @extend_schema(operation_id="datasets_retrieve", responses=DatasetVersionSerializer)
    def get(self, request: Request, slug: str, number: int) -> Response:
        return Response(DatasetVersionSerializer(dataset_of(self.cohort, number)).data)


class DatasetMemberListView(ResultView, generics.ListAPIView):
    """The members of one version."""

    serializer_class = DatasetMemberSerializer
    filterset_class = MemberFilter
    queryset = DatasetMember.objects.none()

    def get_queryset(self) -> QuerySet[DatasetMember]:
        return members_of(dataset_of(self.cohort, self.kwargs["number"]))
