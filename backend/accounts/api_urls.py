"""The API of a person's own account."""

from django.urls import path

from backend.accounts.api.viewer_settings import ViewerSettingsView

urlpatterns = [path("viewer-settings/", ViewerSettingsView.as_view(), name="viewer_settings")]
