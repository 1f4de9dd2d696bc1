"""The REST API, version 1: every app's ``api_urls`` under one namespace."""

from django.urls import include, path

from backend.config.api_root import ApiRootView, SchemaView

app_name = "api"
urlpatterns = [
    path("schema/", SchemaView.as_view(), name="schema"),
    path("v1/", ApiRootView.as_view(), name="root"),
    path("v1/", include("backend.accounts.api_urls")),
    path("v1/", include("backend.cohorts.api_urls")),
    path("v1/", include("backend.dashboards.patient_api_urls")),
    path("v1/", include("backend.imaging.api_urls")),
    path("v1/", include("backend.dashboards.job_api_urls")),
    path("v1/", include("backend.dashboards.result_api_urls")),
    path("v1/", include("backend.imaging.voxel_api_urls")),
    path("v1/", include("backend.imaging.dicomweb_api_urls")),
    path("v1/", include("backend.annotations.api_urls")),
    path("v1/", include("backend.dashboards.case_api_urls")),
]
