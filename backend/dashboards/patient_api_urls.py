"""The API of patients."""

from django.urls import path

from backend.dashboards.api import ihc_reads, patients

_PATIENT = "cohorts/<slug:slug>/patients/<slug:pseudonym>"
urlpatterns = [
    path("cohorts/<slug:slug>/patients/", patients.PatientListView.as_view(), name="patient_list"),
    path(f"{_PATIENT}/", patients.PatientDetailView.as_view(), name="patient_detail"),
    path(f"{_PATIENT}/clinical/", patients.ClinicalRecordView.as_view(), name="clinical_list"),
    path(f"{_PATIENT}/eligibility/", patients.EligibilityView.as_view(), name="eligibility_list"),
    path(f"{_PATIENT}/ihc-reads/", ihc_reads.IhcReadView.as_view(), name="ihc_read_list"),
]
