"""Pathology pages; they lie here because blinding, which they obey, is a matter of readings."""

from django.urls import path

from backend.dashboards.views import pathology, photographs

app_name = "pathology"
urlpatterns = [
    path("cohorts/<slug:slug>/pathology/", pathology.worklist, name="worklist"),
    path("cohorts/<slug:slug>/patients/<slug:pseudonym>/pathology/", pathology.patient_pathology, name="patient"),
    path(
        "cohorts/<slug:slug>/patients/<slug:pseudonym>/photographs/",
        photographs.photograph_add,
        name="photograph_add",
    ),
    path("cohorts/<slug:slug>/photographs/<uuid:photograph_id>/", photographs.photograph, name="photograph"),
    path("cohorts/<slug:slug>/photographs/<uuid:photograph_id>/image/", photographs.photograph_image, name="image"),
    path(
        "cohorts/<slug:slug>/photographs/<uuid:photograph_id>/thumbnail/",
        photographs.photograph_thumbnail,
        name="thumbnail",
    ),
]
