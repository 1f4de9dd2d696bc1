"""Lists of rows: filters from the address, one page of rows, constant cost."""

import django_filters
from django.core.paginator import Paginator
from django.http import HttpRequest

ROWS_PER_PAGE = 50


def list_context(
    request: HttpRequest, filterset: django_filters.FilterSet, *, rows_per_page: int = ROWS_PER_PAGE
) -> dict:
    """``filter`` and ``page`` for the templates includes/search_form.html and includes/pagination.html."""
    paginator = Paginator(filterset.qs, rows_per_page)
    return {"filter": filterset, "page": paginator.get_page(request.GET.get("page"))}
