"""Jobs of a cohort."""

from django.urls import path

from backend.dashboards.views import job_events, jobs

app_name = "jobs"
urlpatterns = [
    path("cohorts/<slug:slug>/jobs/", jobs.job_list, name="list"),
    path("cohorts/<slug:slug>/jobs/states/", jobs.job_states, name="states"),
    path("cohorts/<slug:slug>/jobs/events/", job_events.job_events, name="events"),
    path("cohorts/<slug:slug>/jobs/start/", jobs.job_start, name="start"),
    path("cohorts/<slug:slug>/jobs/<uuid:job_id>/", jobs.job_detail, name="detail"),
    path("cohorts/<slug:slug>/jobs/<uuid:job_id>/cancel/", jobs.job_cancel, name="cancel"),
    path("cohorts/<slug:slug>/jobs/<uuid:job_id>/retry/", jobs.job_retry, name="retry"),
]
