"""``/api/v1/cohorts/<slug>/experiments/``: analyses of frozen datasets with all that came of them."""

from uuid import UUID

import django_filters
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import generics
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.core.errors import NotFound
from backend.core.filters import SelectFilter
from backend.dashboards.api.results import ResultView, StaleRows
from backend.dashboards.selectors.figures import figure_of
from backend.experiments.models import Experiment, ExperimentKind, Figure, ModelVersion, Prediction
from backend.experiments.sealed_looks import API, record_look
from backend.experiments.serializers import (
    ExperimentDetailSerializer,
    ExperimentSerializer,
    FigureDetailSerializer,
    FigureSerializer,
    ModelVersionSerializer,
    PredictionSerializer,
)


class ExperimentFilter(django_filters.FilterSet):
    kind = SelectFilter(label="Kind", choices=ExperimentKind.choices)

    class Meta:
        model = Experiment
        fields = ["kind"]


class PredictionFilter(django_filters.FilterSet):
    class Meta:
        model = Prediction
        fields = ["model_name", "partition", "roi"]


class ExperimentListView(StaleRows, ResultView, generics.ListAPIView):
    """All analyses, newest first. To start one, start its job."""

    serializer_class = ExperimentSerializer
    filterset_class = ExperimentFilter
    queryset = Experiment.objects.none()

    def get_queryset(self) -> QuerySet[Experiment]:
        rows = Experiment.objects.filter(cohort=self.cohort).select_related("dataset_version")
        return rows.defer("results", "settings")


class ExperimentDetailView(ResultView, APIView):
    """One analysis with its results, runs, models and figures."""

    @extend_schema(operation_id="experiments_retrieve", responses=ExperimentDetailSerializer)
    def get(self, request: Request, slug: str, experiment_id: UUID) -> Response:
        rows = Experiment.objects.filter(cohort=self.cohort, pk=experiment_id).select_related("dataset_version")
        found = rows.prefetch_related("runs", "models", "figures").first()
        if found is None:
            raise NotFound("There is no such experiment in this cohort.")
        record_look(request.user, found, API, detail="experiment")
        return Response(ExperimentDetailSerializer(found).data)


class PredictionListView(ResultView, generics.ListAPIView):
    """The predictions of one experiment, for research use only."""

    serializer_class = PredictionSerializer
    filterset_class = PredictionFilter
    queryset = Prediction.objects.none()

    def get_queryset(self) -> QuerySet[Prediction]:
        experiment = Experiment.objects.filter(cohort=self.cohort, pk=self.kwargs["experiment_id"]).first()
        if experiment is None:
            raise NotFound("There is no such experiment in this cohort.")
        record_look(self.request.user, experiment, API, detail="predictions")
        rows = Prediction.objects.filter(experiment=experiment).select_related("patient")
        return rows.order_by("patient__pseudonym", "model_name", "roi")


class ModelListView(StaleRows, ResultView, generics.ListAPIView):
    """Every trained model of the cohort, newest first."""

    serializer_class = ModelVersionSerializer
    queryset = ModelVersion.objects.none()

    def get_queryset(self) -> QuerySet[ModelVersion]:
        return (
            ModelVersion.objects.filter(experiment__cohort=self.cohort)
            .select_related("experiment__dataset_version")
            .order_by("-created_at", "name")
        )

    def paginate_queryset(self, queryset: QuerySet[ModelVersion]) -> list[ModelVersion]:
        """A model comes with its metrics on the sealed test set."""
        page = super().paginate_queryset(queryset)
        for experiment in {model.experiment for model in page}:
            record_look(self.request.user, experiment, API, detail="models")
        return page


class FigureListView(StaleRows, ResultView, generics.ListAPIView):
    """Every figure of the cohort."""

    serializer_class = FigureSerializer
    queryset = Figure.objects.none()

    def get_queryset(self) -> QuerySet[Figure]:
        return (
            Figure.objects.filter(experiment__cohort=self.cohort)
            .select_related("experiment")
            .defer("spec", "experiment__results", "experiment__settings")
            .order_by("-created_at", "key")
        )


class FigureDetailView(ResultView, APIView):
    """One figure with its Vega-Lite declaration."""

    @extend_schema(operation_id="figures_retrieve", responses=FigureDetailSerializer)
    def get(self, request: Request, slug: str, figure_id: UUID) -> Response:
        figure = figure_of(self.cohort, figure_id)
        record_look(request.user, figure.experiment, API, detail=figure.key)
        return Response(FigureDetailSerializer(figure).data)
