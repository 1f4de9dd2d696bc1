"""Pages of results: datasets, features, models, clusters, statistics, summary, figures."""

from django.urls import path

from backend.dashboards.views import (
    agreement,
    clusters,
    datasets,
    features,
    figures,
    models,
    pipeline,
    starting,
    statistics,
    summary,
)

app_name = "results"
urlpatterns = [
    path("cohorts/<slug:slug>/pipeline/", pipeline.pipeline, name="pipeline"),
    path("cohorts/<slug:slug>/results/start/", starting.start, name="start"),
    path("cohorts/<slug:slug>/summary/", summary.summary, name="summary"),
    path("cohorts/<slug:slug>/table-1/", summary.table_one, name="table_one"),
    path("cohorts/<slug:slug>/agreement/", agreement.agreement, name="agreement"),
    path("cohorts/<slug:slug>/datasets/", datasets.datasets, name="datasets"),
    path("cohorts/<slug:slug>/datasets/freeze/", datasets.freeze_preview, name="freeze"),
    path("cohorts/<slug:slug>/datasets/compare/", datasets.compare, name="compare"),
    path("cohorts/<slug:slug>/datasets/<int:number>/", datasets.dataset_detail, name="dataset"),
    path("cohorts/<slug:slug>/features/", features.features, name="features"),
    path("cohorts/<slug:slug>/features/recipes/<uuid:recipe_id>/", features.recipe, name="recipe"),
    path("cohorts/<slug:slug>/features/<uuid:feature_set_id>/", features.feature_set, name="feature_set"),
    path("cohorts/<slug:slug>/models/", models.models, name="models"),
    path("cohorts/<slug:slug>/models/predictions/", models.predictions, name="predictions"),
    path("cohorts/<slug:slug>/clusters/", clusters.clusters, name="clusters"),
    path("cohorts/<slug:slug>/statistics/", statistics.statistics, name="statistics"),
    path("cohorts/<slug:slug>/figures/<uuid:figure_id>/spec.json", figures.figure_spec, name="figure_spec"),
    path(
        "cohorts/<slug:slug>/figures/<uuid:figure_id>/export.<slug:form>", figures.figure_export, name="figure_export"
    ),
]
