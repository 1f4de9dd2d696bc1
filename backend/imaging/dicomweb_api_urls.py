"""The addresses of DICOMweb (PS3.18 Table 10.1.1-1), which end without a slash."""

from django.urls import path

from backend.imaging.api import dicomweb

ROOT = "cohorts/<slug:slug>/dicomweb"
STUDY = f"{ROOT}/studies/<str:study_uid>"
SERIES = f"{STUDY}/series/<str:series_uid>"
INSTANCE = f"{SERIES}/instances/<str:sop_uid>"
search_series, search_instances = dicomweb.SearchSeriesView.as_view(), dicomweb.SearchInstancesView.as_view()
metadata = dicomweb.MetadataView.as_view()
urlpatterns = [
    path(f"{ROOT}/studies", dicomweb.SearchStudiesView.as_view(), name="dicomweb_studies"),
    path(f"{ROOT}/series", search_series, name="dicomweb_series"),
    path(f"{ROOT}/instances", search_instances, name="dicomweb_instances"),
    path(f"{STUDY}/series", search_series, name="dicomweb_study_series"),
    path(f"{STUDY}/instances", search_instances, name="dicomweb_study_instances"),
    path(f"{SERIES}/instances", search_instances, name="dicomweb_series_instances"),
    path(STUDY, dicomweb.RetrieveStudyView.as_view(), name="dicomweb_study"),
    path(SERIES, dicomweb.RetrieveSeriesView.as_view(), name="dicomweb_one_series"),
    path(INSTANCE, dicomweb.RetrieveInstanceView.as_view(), name="dicomweb_instance"),
    path(f"{STUDY}/metadata", metadata, name="dicomweb_study_metadata"),
    path(f"{SERIES}/metadata", metadata, name="dicomweb_series_metadata"),
    path(f"{INSTANCE}/metadata", metadata, name="dicomweb_instance_metadata"),
    path(f"{INSTANCE}/frames/<str:frame_list>", dicomweb.FramesView.as_view(), name="dicomweb_frames"),
]
