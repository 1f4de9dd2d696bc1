"""``/api/v1/cohorts/<slug>/studies/`` and ``series/``: the de-identified images and how they were taken."""

from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import generics
from rest_framework.request import Request
from rest_framework.response import Response

from backend.cohorts.access import CohortPermission
from backend.cohorts.models import Role
from backend.core.access import AccessRule, Audience
from backend.core.errors import NotFound
from backend.imaging.filters import SeriesFilter, StudyFilter
from backend.imaging.models import ImagingStudy, Series
from backend.imaging.selectors import series_of, studies_of
from backend.imaging.serializers import SeriesDetailSerializer, SeriesSerializer, StudySerializer

SEES_SERIES = AccessRule(audience=Audience.COHORT, roles=frozenset({Role.COORDINATOR, Role.ANALYST, Role.ADJUDICATOR}))


class StudyListView(generics.ListAPIView):
    """The cohort's imaging studies."""

    access_rule = SEES_SERIES
    permission_classes = [CohortPermission]
    serializer_class = StudySerializer
    filterset_class = StudyFilter
    queryset = ImagingStudy.objects.none()

    def get_queryset(self) -> QuerySet[ImagingStudy]:
        return studies_of(self.cohort)


class StudyDetailView(generics.GenericAPIView):
    """One imaging study."""

    access_rule = SEES_SERIES
    permission_classes = [CohortPermission]
    serializer_class = StudySerializer
    queryset = ImagingStudy.objects.none()

    @extend_schema(operation_id="studies_retrieve")
    def get(self, request: Request, slug: str, study_id: UUID) -> Response:
        study = studies_of(self.cohort).filter(pk=study_id).first()
        if study is None:
            raise NotFound("There is no such study in this cohort.")
        return Response(self.get_serializer(study).data)


class SeriesListView(generics.ListAPIView):
    """The cohort's image series; regions that came with them are not among them."""

    access_rule = SEES_SERIES
    permission_classes = [CohortPermission]
    serializer_class = SeriesSerializer
    filterset_class = SeriesFilter
    queryset = Series.objects.none()

    def get_queryset(self) -> QuerySet[Series]:
        return series_of(self.cohort)


class SeriesDetailView(generics.GenericAPIView):
    """One image series with its findings."""

    access_rule = SEES_SERIES
    permission_classes = [CohortPermission]
    serializer_class = SeriesDetailSerializer
    queryset = Series.objects.none()

    @extend_schema(operation_id="series_retrieve")
    def get(self, request: Request, slug: str, series_id: UUID) -> Response:
        series = series_of(self.cohort).prefetch_related("qc_findings").filter(pk=series_id).first()
        if series is None:
            raise NotFound("There is no such series in this cohort.")
        return Response(self.get_serializer(series).data)
