"""Pages of imports and series."""

from django.urls import path

from backend.imaging.views import imports, reports, series

app_name = "imaging"
urlpatterns = [
    path("cohorts/<slug:slug>/import/", imports.upload_list, name="upload_list"),
    path("cohorts/<slug:slug>/uploads/<uuid:upload_id>/", reports.upload_report, name="upload_report"),
    path("cohorts/<slug:slug>/uploads/<uuid:upload_id>/discard/", imports.upload_discard, name="upload_discard"),
    path("cohorts/<slug:slug>/series/", series.series_list, name="series_list"),
]
