"""The API of a cohort's results."""

from django.urls import path

from backend.dashboards.api import datasets, experiments, features

_COHORT = "cohorts/<slug:slug>"
_EXPERIMENT = f"{_COHORT}/experiments/<uuid:experiment_id>"

urlpatterns = [
    path(f"{_COHORT}/datasets/", datasets.DatasetListView.as_view(), name="dataset_list"),
    path(f"{_COHORT}/datasets/<int:number>/", datasets.DatasetDetailView.as_view(), name="dataset_detail"),
    path(f"{_COHORT}/datasets/<int:number>/members/", datasets.DatasetMemberListView.as_view(), name="dataset_members"),
    path(f"{_COHORT}/experiments/", experiments.ExperimentListView.as_view(), name="experiment_list"),
    path(f"{_EXPERIMENT}/", experiments.ExperimentDetailView.as_view(), name="experiment_detail"),
    path(f"{_EXPERIMENT}/predictions/", experiments.PredictionListView.as_view(), name="prediction_list"),
    path(f"{_COHORT}/models/", experiments.ModelListView.as_view(), name="model_list"),
    path(f"{_COHORT}/figures/", experiments.FigureListView.as_view(), name="figure_list"),
    path(f"{_COHORT}/figures/<uuid:figure_id>/", experiments.FigureDetailView.as_view(), name="figure_detail"),
    path(f"{_COHORT}/features/", features.FeatureSetListView.as_view(), name="feature_set_list"),
    path(
        f"{_COHORT}/features/<uuid:feature_set_id>/", features.FeatureSetDetailView.as_view(), name="feature_set_detail"
    ),
]
