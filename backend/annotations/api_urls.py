"""The API of readings and of what came of them."""

from django.urls import path

from backend.annotations.api import comments, lists, unlocking
from backend.annotations.views import labelmaps

urlpatterns = [
    path("cohorts/<slug:slug>/assignments/", lists.AssignmentListView.as_view(), name="assignment_list"),
    path("cohorts/<slug:slug>/readings/", lists.ReadingListView.as_view(), name="reading_list"),
    path(
        "cohorts/<slug:slug>/readings/<uuid:reading_id>/unlock/",
        unlocking.ReadingUnlockView.as_view(),
        name="reading_unlock",
    ),
    path("cohorts/<slug:slug>/consensuses/", lists.ConsensusListView.as_view(), name="consensus_list"),
    path("cohorts/<slug:slug>/cases/<uuid:case_id>/comments/", comments.CommentView.as_view(), name="comment_list"),
    path(
        "cohorts/<slug:slug>/cases/<uuid:case_id>/comments/<uuid:comment_id>/retraction/",
        comments.CommentRetractionView.as_view(),
        name="comment_retraction",
    ),
    path("cohorts/<slug:slug>/masks/", lists.MaskListView.as_view(), name="mask_list"),
    path("cohorts/<slug:slug>/masks/<uuid:mask_id>/", lists.MaskDetailView.as_view(), name="mask_detail"),
    path("cohorts/<slug:slug>/masks/<uuid:mask_id>/labelmap/", labelmaps.labelmap, name="mask_labelmap"),
]
