"""Lists of rows: filters from the address, one page of rows, constant cost."""

import django_filters
from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import HttpRequest

ROWS_PER_PAGE = 50


def list_context(
    request: HttpRequest, filterset: django_filters.FilterSet, *, rows_per_page: int = ROWS_PER_PAGE
) -> dict:
    """``filter`` and ``page`` for the templates includes/search_form.html and includes/pagination.html."""
    return {"filter": filterset, "page": page_of(request, filterset.qs, rows_per_page=rows_per_page)}


def page_of(request: HttpRequest, rows: QuerySet, *, rows_per_page: int = ROWS_PER_PAGE) -> Page:
    """The page of rows that the address asks for."""
    return Paginator(rows, rows_per_page).get_page(request.GET.get("page"))
