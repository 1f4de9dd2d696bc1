"""Every address of the platform."""

from django.urls import include, path

from backend.core.views import health

urlpatterns = [
    path("health/", health, name="health"),
    path("accounts/", include("allauth.urls")),
    path("", include("backend.cohorts.urls")),
    path("", include("backend.accounts.urls")),
    path("", include("backend.audit.urls")),
    path("", include("backend.dashboards.urls")),
    path("", include("backend.dashboards.pathology_urls")),
    path("", include("backend.dashboards.job_urls")),
    path("", include("backend.dashboards.audit_urls")),
    path("", include("backend.dashboards.result_urls")),
    path("", include("backend.imaging.urls")),
    path("", include("backend.imaging.voxel_urls")),
    path("", include("backend.annotations.urls")),
    path("", include("backend.dashboards.case_urls")),
    path("api/", include("backend.config.api_urls")),
]
