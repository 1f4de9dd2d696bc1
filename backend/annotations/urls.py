"""Pages of reading: worklist, assignments, viewer, comparison, regions, and the masks' voxels."""

from django.urls import path

from backend.annotations.views import (
    assignments,
    comments,
    comparison,
    giving,
    labelmaps,
    presence,
    regions,
    revisions,
    unlocking,
    viewer,
    worklist,
)

app_name = "annotations"
_ASSIGNMENT = "cohorts/<slug:slug>/assignments/<uuid:assignment_id>"
_CASE = "cohorts/<slug:slug>/cases/<uuid:case_id>"
urlpatterns = [
    path("worklist/", worklist.my_worklist, name="my_worklist"),
    path("cohorts/<slug:slug>/worklist/", worklist.worklist, name="worklist"),
    path("cohorts/<slug:slug>/assignments/", assignments.assignments, name="assignments"),
    path("cohorts/<slug:slug>/assignments/give/", giving.give, name="give"),
    path("cohorts/<slug:slug>/assignments/withdraw/", assignments.withdraw, name="withdraw"),
    path(f"{_ASSIGNMENT}/view/", viewer.view_assignment, name="view"),
    path(f"{_ASSIGNMENT}/manifest/", viewer.manifest, name="manifest"),
    path(f"{_ASSIGNMENT}/revisions/", revisions.revisions, name="save"),
    path(f"{_ASSIGNMENT}/revisions/restore/", revisions.restore, name="restore"),
    path(f"{_ASSIGNMENT}/revisions/compare/", revisions.compare, name="compare"),
    path(f"{_ASSIGNMENT}/revisions/merge/", revisions.merge, name="merge"),
    path(f"{_ASSIGNMENT}/unlock/", unlocking.unlock, name="unlock"),
    path(f"{_ASSIGNMENT}/time/", revisions.active_time, name="active_time"),
    path(f"{_ASSIGNMENT}/presence/", presence.here, name="presence"),
    path("cohorts/<slug:slug>/team/", presence.team, name="team"),
    path("cohorts/<slug:slug>/team/now/", presence.team_now, name="team_now"),
    path("cohorts/<slug:slug>/team/events/", presence.team_events, name="team_events"),
    path(f"{_ASSIGNMENT}/submit/", viewer.submit, name="submit"),
    path(f"{_ASSIGNMENT}/proposals/<uuid:mask_id>/reject/", viewer.reject, name="reject_proposal"),
    path(f"{_CASE}/view/", comparison.view_case, name="case_view"),
    path(f"{_CASE}/manifest/", comparison.case_manifest, name="case_manifest"),
    path(f"{_CASE}/adjudicate/", comparison.adjudicate, name="adjudicate"),
    path(f"{_CASE}/reopen/", comparison.reopen, name="reopen"),
    path(f"{_CASE}/offset/", viewer.offset, name="offset"),
    path(f"{_CASE}/comments/", comments.comments, name="comments"),
    path(f"{_CASE}/comments/people/", comments.people, name="comment_people"),
    path(f"{_CASE}/comments/<uuid:comment_id>/retract/", comments.retract, name="comment_retract"),
    path(f"{_CASE}/regions/", regions.regions, name="regions"),
    path("cohorts/<slug:slug>/regions/<uuid:candidate_id>/choose/", regions.choose, name="choose_region"),
    path("cohorts/<slug:slug>/regions/<uuid:candidate_id>/dismiss/", regions.dismiss, name="dismiss_region"),
    path("cohorts/<slug:slug>/masks/<uuid:mask_id>/labelmap/", labelmaps.labelmap, name="labelmap"),
]
