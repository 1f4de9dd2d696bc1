"""The API of a cohort's jobs and audit trail."""

from django.urls import path

from backend.dashboards.api import audit, jobs

urlpatterns = [
    path("cohorts/<slug:slug>/jobs/", jobs.JobListView.as_view(), name="job_list"),
    path("cohorts/<slug:slug>/jobs/<uuid:job_id>/", jobs.JobDetailView.as_view(), name="job_detail"),
    path("cohorts/<slug:slug>/jobs/<uuid:job_id>/cancel/", jobs.JobCancelView.as_view(), name="job_cancel"),
    path("cohorts/<slug:slug>/jobs/<uuid:job_id>/retry/", jobs.JobRetryView.as_view(), name="job_retry"),
    path("cohorts/<slug:slug>/audit/", audit.CohortAuditView.as_view(), name="audit_list"),
]
