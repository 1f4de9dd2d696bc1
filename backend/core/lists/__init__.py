"""Lists of rows: filters and columns from the address, one page at a constant cost, and the whole list as a file."""

from backend.core.lists.columns import Column, Listing
from backend.core.lists.files import table_response
from backend.core.lists.paging import ROWS_PER_PAGE, CappedPaginator, QuickPaginator, list_context, page_of

__all__ = [
    "ROWS_PER_PAGE", "CappedPaginator", "Column", "Listing", "QuickPaginator", "list_context", "page_of",
    "table_response",
]  # fmt: skip
