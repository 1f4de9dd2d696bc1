"""What a list is made of: its columns, of which a person chooses some in the address (``?columns=…``)."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column: ``value`` takes a row and gives a plain value for files; the page has its own cell.

    ``is_fixed`` names the row and is always there; ``is_extra`` is shown only to who chooses it; ``in_files_only``
    has no cell on the page.
    """

    key: str
    title: str
    value: Callable[[Any], Any]
    is_fixed: bool = False
    is_extra: bool = False
    in_files_only: bool = False


@dataclass(frozen=True, kw_only=True)
class Listing:
    """A list as its page, its files and its kept views know it.

    ``page`` is the name of the page's address; where that needs more than the cohort, no view of it is kept.
    """

    page: str
    columns: tuple[Column, ...]
    has_views: bool = True

    @property
    def choices(self) -> tuple[Column, ...]:
        """The columns that can be shown or hidden."""
        return tuple(column for column in self.columns if not (column.is_fixed or column.in_files_only))

    def shown(self, query: QueryDict) -> frozenset[str]:
        """The keys of the columns on the page: those of the address, else those that are usual."""
        wanted = self._asked_for(query)
        usual = {column.key for column in self.choices if not column.is_extra}
        return frozenset((wanted or usual) | {column.key for column in self.columns if column.is_fixed})

    def in_file(self, query: QueryDict) -> tuple[Column, ...]:
        """The columns of a file: what was chosen, else every column."""
        if not self._asked_for(query):
            return self.columns
        shown = self.shown(query)
        return tuple(column for column in self.columns if column.key in shown)

    def _asked_for(self, query: QueryDict) -> set[str]:
        return set(query.getlist("columns")) & {column.key for column in self.choices}
