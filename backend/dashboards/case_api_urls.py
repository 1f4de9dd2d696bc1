"""The API of a cohort's cases."""

from django.urls import path

from backend.dashboards.api import cases

urlpatterns = [
    path("cohorts/<slug:slug>/cases/", cases.CaseListView.as_view(), name="case_list"),
    path("cohorts/<slug:slug>/cases/<uuid:case_id>/", cases.CaseDetailView.as_view(), name="case_detail"),
    path("cohorts/<slug:slug>/cases/<uuid:case_id>/actions/", cases.CaseActionView.as_view(), name="case_action"),
]
