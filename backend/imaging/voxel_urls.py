"""Voxels, by session below ``/cohorts/`` and also by token below ``/api/v1/cohorts/``."""

from django.urls import path

from backend.imaging import voxel_views

app_name = "voxels"
urlpatterns = [
    path("cohorts/<slug:slug>/volumes/<uuid:volume_id>/preview/", voxel_views.volume_preview, name="preview"),
    path("cohorts/<slug:slug>/volumes/<uuid:volume_id>/slabs/<int:slab_number>/", voxel_views.volume_slab, name="slab"),
]
