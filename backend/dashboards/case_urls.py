"""Cases of a cohort."""

from django.urls import path

from backend.dashboards.views import case, cases

app_name = "cases"
_CASE = "cohorts/<slug:slug>/cases/<uuid:case_id>"
urlpatterns = [
    path("cohorts/<slug:slug>/cases/", cases.case_list, name="list"),
    path("cohorts/<slug:slug>/cases/build-consensuses/", cases.start_all_consensuses, name="start_consensuses"),
    path("cohorts/<slug:slug>/cases/extract-features/", cases.start_all_features, name="start_all_features"),
    path(f"{_CASE}/", case.case_detail, name="detail"),
    path(f"{_CASE}/build-consensus/", case.start_consensus, name="start_consensus"),
    path(f"{_CASE}/propose-bat/", case.start_bat, name="start_bat"),
    path(f"{_CASE}/extract-features/", case.start_features, name="start_features"),
    path(f"{_CASE}/settle/", case.settle, name="settle"),
]
