"""A table of a page of results as a CSV file."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.http.response import HttpResponseBase

from backend.core.lists import table_response


def csv_response(columns: Sequence[str], rows: Iterable[Sequence[Any]], *, name: str) -> HttpResponseBase:
    """``name`` is the file's name without its suffix; None becomes an empty cell."""
    return table_response("csv", columns, rows, name=name)
