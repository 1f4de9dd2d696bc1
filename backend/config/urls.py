"""Every address of the platform."""

from django.urls import include, path

from backend.core.views import health

urlpatterns = [
    path("health/", health, name="health"),
    path("accounts/", include("allauth.urls")),
]
