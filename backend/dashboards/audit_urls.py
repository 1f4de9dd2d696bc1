"""The audit trail of a cohort."""

from django.urls import path

from backend.dashboards.views import audit

app_name = "cohort_audit"
urlpatterns = [path("cohorts/<slug:slug>/audit/", audit.cohort_audit, name="list")]
