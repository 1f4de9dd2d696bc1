"""A list's page in a cohort: its rows, the columns and views that were chosen, and its file, audited as an export."""

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any

import django_filters
from django.db.models import QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from backend.audit.access_log import record_view
from backend.cohorts.saved_views import views_of
from backend.core.errors import InvalidInput
from backend.core.lists import ROWS_PER_PAGE, Column, Listing, list_context, table_response
from backend.core.lists.files import FORMS

ROWS_AT_ONCE = 500
MakeRows = Callable[[list], Iterable[Any]]


def cohort_list_context(
    request: HttpRequest,
    listing: Listing,
    filterset: django_filters.FilterSet,
    *,
    rows_per_page: int = ROWS_PER_PAGE,
) -> dict:
    """What the templates of lists need; ``saved_views`` are those that the person may use here."""
    context = list_context(request, filterset, listing=listing, rows_per_page=rows_per_page)
    return {**context, "saved_views": views_of(request.user, request.cohort, listing.page)}


def exported(
    request: HttpRequest,
    listing: Listing,
    rows: QuerySet,
    *,
    name: str,
    make_rows: MakeRows | None = None,
    subject: Any = None,
) -> HttpResponseBase | None:
    """The file of ``?export=csv`` or ``xlsx`` with the rows that the filters leave; None where none is asked for.

    ``make_rows`` makes the listing's rows of some of the query's, as on the page. Recorded before the first row leaves.
    """
    form = request.GET.get("export")
    if not form:
        return None
    if form not in FORMS:
        raise InvalidInput(f"A list can be exported as {' or '.join(FORMS)}.")
    columns = listing.in_file(request.GET)
    query = request.GET.copy()
    query.pop("export", None)
    record_view(
        request,
        subject or request.cohort,
        action="export",
        list=listing.page,
        format=form,
        rows=rows.order_by().count(),
        columns=[column.key for column in columns],
        query=query.urlencode(),
    )
    cells = _cells(columns, rows, make_rows)
    return table_response(form, [column.key for column in columns], cells, name=f"petra-{request.cohort.slug}-{name}")


def _cells(columns: tuple[Column, ...], rows: QuerySet, make_rows: MakeRows | None) -> Iterator[list]:
    found = rows.iterator(chunk_size=ROWS_AT_ONCE)
    while some := list(islice(found, ROWS_AT_ONCE)):
        for row in make_rows(some) if make_rows else some:
            yield [column.value(row) for column in columns]
