"""One page of a list at a cost that does not grow with the list."""

from functools import cached_property
from typing import Any

import django_filters
from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.db.models.query import ModelIterable
from django.db.models.sql.where import WhereNode
from django.http import HttpRequest

from backend.core.lists.columns import Listing

ROWS_PER_PAGE = 50
MOST_COUNTED = 10_000


class QuickPaginator(Paginator):
    """Computes annotations for the rows of the page alone; the rest of the list is only counted and skipped."""

    @cached_property
    def count(self) -> int:
        if not isinstance(self.object_list, QuerySet):
            return len(self.object_list)
        return self._keys().count()

    def _keys(self) -> QuerySet:
        """The keys alone: neither annotations nor joins that no filter needs are computed to count them."""
        return self.object_list.order_by().values("pk")

    def page(self, number: Any) -> Page:
        page = super().page(number)
        rows = page.object_list
        if isinstance(rows, QuerySet) and issubclass(rows._iterable_class, ModelIterable):
            page.object_list = self._rows_of(list(rows.values_list("pk", flat=True)))
        return page

    def _rows_of(self, keys: list) -> list:
        """The rows in the order of their keys, with their annotations.

        The keys have passed the filters: asked again with them, the database would look through the whole list again.
        """
        rows = self.object_list.order_by()
        rows.query.where, rows.query.distinct = WhereNode(), False
        found = {row.pk: row for row in rows.filter(pk__in=keys)}
        return [found[key] for key in keys if key in found]


class CappedPaginator(QuickPaginator):
    """Counts no further than ``MOST_COUNTED`` rows; ``is_capped`` says that there are more.

    Whoever wants those narrows the filters; a file holds all of them.
    """

    @cached_property
    def count(self) -> int:
        if not isinstance(self.object_list, QuerySet):
            return len(self.object_list)
        return min(self._seen, MOST_COUNTED)

    @cached_property
    def _seen(self) -> int:
        return self._keys()[: MOST_COUNTED + 1].count()

    @property
    def is_capped(self) -> bool:
        return isinstance(self.object_list, QuerySet) and self._seen > MOST_COUNTED


def list_context(
    request: HttpRequest,
    filterset: django_filters.FilterSet,
    *,
    listing: Listing | None = None,
    rows_per_page: int = ROWS_PER_PAGE,
) -> dict:
    """``filter``, ``page``, ``listing`` and ``shown`` (keys of columns) for the templates of lists."""
    return {
        "filter": filterset,
        "page": page_of(request, filterset.qs, rows_per_page=rows_per_page),
        "listing": listing,
        "shown": listing.shown(request.GET) if listing else frozenset(),
    }


def page_of(request: HttpRequest, rows: QuerySet, *, rows_per_page: int = ROWS_PER_PAGE) -> Page:
    """The page of rows that the address asks for."""
    return CappedPaginator(rows, rows_per_page).get_page(request.GET.get("page"))
