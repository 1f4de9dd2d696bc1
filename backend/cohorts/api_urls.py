"""The API of cohorts and their people."""

from django.urls import path

from backend.cohorts.api import cohorts, members, protocol

urlpatterns = [
    path("cohorts/", cohorts.CohortListView.as_view(), name="cohort_list"),
    path("cohorts/<slug:slug>/", cohorts.CohortDetailView.as_view(), name="cohort_detail"),
    path("cohorts/<slug:slug>/protocol/", protocol.ProtocolView.as_view(), name="protocol"),
    path("cohorts/<slug:slug>/members/", members.MemberListView.as_view(), name="member_list"),
    path("cohorts/<slug:slug>/members/<uuid:membership_id>/", members.MemberDetailView.as_view(), name="member_detail"),
]
