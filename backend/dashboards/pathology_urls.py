"""Pathology pages; they lie here because blinding, which they obey, is a matter of readings."""

from django.urls import path

from backend.dashboards.views import label_rules, pathology, photographs, quantification, slide_tiles

app_name = "pathology"
_PHOTOGRAPH = "cohorts/<slug:slug>/photographs/<uuid:photograph_id>"
urlpatterns = [
    path("cohorts/<slug:slug>/tp53/", label_rules.label_rules, name="label_rules"),
    path("cohorts/<slug:slug>/patients/<slug:pseudonym>/sequencing/", label_rules.sequencing_add, name="sequencing"),
    path("cohorts/<slug:slug>/photographs/preview/", photographs.photograph_preview, name="preview"),
    path("cohorts/<slug:slug>/patients/<slug:pseudonym>/slides/", photographs.side_by_side, name="side_by_side"),
    path(f"{_PHOTOGRAPH}/erase/", photographs.photograph_erase, name="erase"),
    path(f"{_PHOTOGRAPH}/slide.dzi", slide_tiles.slide_dzi, name="dzi"),
    path(f"{_PHOTOGRAPH}/slide_files/<int:level>/<int:column>_<int:row>.jpeg", slide_tiles.slide_tile, name="tile"),
    path(f"{_PHOTOGRAPH}/quantify/", quantification.quantify, name="quantify"),
    path(f"{_PHOTOGRAPH}/quantify/<uuid:count_id>/", quantification.quantify_state, name="quantify_state"),
    path(f"{_PHOTOGRAPH}/proposals/<uuid:proposal_id>/", quantification.outlines, name="outlines"),
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
