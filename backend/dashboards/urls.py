"""Pages that join several apps: the board and the patients of a cohort."""

from django.urls import path

from backend.dashboards.views import board, bulk, flow, patient, patient_forms, withdrawal

app_name = "dashboards"
urlpatterns = [
    path("cohorts/<slug:slug>/board/", board.board, name="board"),
    path("cohorts/<slug:slug>/flow/", flow.flow, name="flow"),
    path("cohorts/<slug:slug>/board/bulk/", bulk.bulk, name="bulk"),
    path("cohorts/<slug:slug>/patients/<slug:pseudonym>/", patient.patient_page, name="patient"),
    path("cohorts/<slug:slug>/patients/<slug:pseudonym>/clinical/", patient_forms.clinical_edit, name="clinical_edit"),
    path(
        "cohorts/<slug:slug>/patients/<slug:pseudonym>/eligibility/",
        patient_forms.eligibility_override,
        name="eligibility_override",
    ),
    path(
        "cohorts/<slug:slug>/patients/<slug:pseudonym>/eligibility/lift/",
        patient_forms.eligibility_lift,
        name="eligibility_lift",
    ),
    path("cohorts/<slug:slug>/patients/<slug:pseudonym>/withdraw/", withdrawal.withdraw, name="withdraw"),
]
