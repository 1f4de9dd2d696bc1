"""A reader's worklist: what is to be read, in the reader's own order, and how far it is."""

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from backend.accounts.access import SIGNED_IN
from backend.annotations.filters import WorklistFilter
from backend.annotations.manifests import view_url
from backend.annotations.models import Assignment
from backend.annotations.selectors import assignments_of
from backend.cohorts.access import cohort_view
from backend.cohorts.models import Role
from backend.core.access import declare
from backend.core.lists import list_context


@declare(SIGNED_IN)
def my_worklist(request: HttpRequest) -> HttpResponse:
    """The person's readings in all their cohorts."""
    return _worklist(request, assignments_of(request.user))


@cohort_view(Role.READER)
def worklist(request: HttpRequest) -> HttpResponse:
    """The person's readings in one cohort."""
    return _worklist(request, assignments_of(request.user).filter(case__patient__cohort=request.cohort))


def _worklist(request: HttpRequest, rows: QuerySet[Assignment]) -> HttpResponse:
    context = list_context(request, WorklistFilter(request.GET, rows))
    for assignment in context["page"]:
        assignment.view_url = view_url(assignment)
    first = rows.exclude(state="submitted").first()
    counts = {"total": rows.count(), "submitted": rows.filter(state="submitted").count()}
    context |= {**counts, "first_url": view_url(first) if first else "", "left": counts["total"] - counts["submitted"]}
    return render(request, "annotations/worklist.html", context)
