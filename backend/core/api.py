"""What every API view shares."""

from rest_framework import pagination

from backend.core.lists import QuickPaginator


class PageNumberPagination(pagination.PageNumberPagination):
    """50 rows a page unless ``page_size`` asks for up to 500."""

    django_paginator_class = QuickPaginator
    page_size_query_param = "page_size"
    max_page_size = 500
