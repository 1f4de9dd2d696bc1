"""What every API view shares."""

from rest_framework import pagination


class PageNumberPagination(pagination.PageNumberPagination):
    """50 rows a page unless ``page_size`` asks for up to 500."""

    page_size_query_param = "page_size"
    max_page_size = 500
