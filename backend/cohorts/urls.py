"""Pages of a cohort: its list, its front door, its people."""

from django.urls import path

from backend.cohorts.views import cohorts, members

app_name = "cohorts"
urlpatterns = [
    path("", cohorts.cohort_list, name="list"),
    path("cohorts/new/", cohorts.cohort_create, name="create"),
    path("cohorts/<slug:slug>/", cohorts.cohort_home, name="home"),
    path("cohorts/<slug:slug>/members/", members.members, name="members"),
    path("cohorts/<slug:slug>/members/<uuid:membership_id>/remove/", members.member_remove, name="member_remove"),
]
