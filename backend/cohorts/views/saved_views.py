"""Keeping and deleting views of lists."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from backend.cohorts.access import cohort_view
from backend.cohorts.models import SavedView
from backend.cohorts.saved_views import delete_view, save_view


@cohort_view()
@require_POST
def view_save(request: HttpRequest) -> HttpResponse:
    """``page``, ``name``, ``query`` of the list's address and, to share it in the cohort, ``is_shared``."""
    view = save_view(
        user=request.user,
        cohort=request.cohort,
        roles=request.roles,
        page=request.POST.get("page", ""),
        name=request.POST.get("name", ""),
        query=request.POST.get("query", ""),
        is_shared=request.POST.get("is_shared") == "1",
    )
    messages.success(request, f"The view {view.name} is kept{' for everybody' if view.is_shared else ''}.")
    return redirect(_address(view))


@cohort_view(blinded=True)
@require_POST
def view_delete(request: HttpRequest, view_id: UUID) -> HttpResponse:
    """One's own, or as a coordinator one that is shared."""
    view = delete_view(user=request.user, cohort=request.cohort, roles=request.roles, view_id=view_id)
    messages.success(request, f"The view {view.name} is deleted; no row was touched.")
    return redirect(reverse(view.page, kwargs={"slug": request.cohort.slug}))


def _address(view: SavedView) -> str:
    return f"{reverse(view.page, kwargs={'slug': view.cohort.slug})}?{view.query}"
