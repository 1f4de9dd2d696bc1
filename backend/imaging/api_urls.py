"""The API of deliveries, studies and series."""

from django.urls import path

from backend.imaging.api import chunks, series, uploads

UPLOAD = "cohorts/<slug:slug>/uploads/<uuid:upload_id>"
urlpatterns = [
    path("cohorts/<slug:slug>/uploads/", uploads.UploadListView.as_view(), name="upload_list"),
    path(f"{UPLOAD}/", uploads.UploadDetailView.as_view(), name="upload_detail"),
    path(f"{UPLOAD}/files/", uploads.UploadFilesView.as_view(), name="upload_files"),
    path(f"{UPLOAD}/chunks/", chunks.UploadChunkView.as_view(), name="upload_chunk"),
    path(f"{UPLOAD}/finish/", uploads.UploadFinishView.as_view(), name="upload_finish"),
    path("cohorts/<slug:slug>/studies/", series.StudyListView.as_view(), name="study_list"),
    path("cohorts/<slug:slug>/studies/<uuid:study_id>/", series.StudyDetailView.as_view(), name="study_detail"),
    path("cohorts/<slug:slug>/series/", series.SeriesListView.as_view(), name="series_list"),
    path("cohorts/<slug:slug>/series/<uuid:series_id>/", series.SeriesDetailView.as_view(), name="series_detail"),
]
