"""The same voxel files for API tokens."""

from django.urls import path

from backend.imaging import voxel_views

urlpatterns = [
    path("cohorts/<slug:slug>/volumes/<uuid:volume_id>/preview/", voxel_views.volume_preview, name="volume_preview"),
    path(
        "cohorts/<slug:slug>/volumes/<uuid:volume_id>/slabs/<int:slab_number>/",
        voxel_views.volume_slab,
        name="volume_slab",
    ),
]
