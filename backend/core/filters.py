"""Filter fields that look the same above every list."""

from typing import Any

import django_filters
from django import forms
from django.db.models import Q, QuerySet


class SearchFilter(django_filters.CharFilter):
    """One search field over several columns: every word must occur in one of them."""

    def __init__(self, *columns: str, label: str = "Search", placeholder: str = "", width: int = 26) -> None:
        attributes = {"class": "form-control", "placeholder": placeholder, "size": width}
        super().__init__(label=label, widget=forms.TextInput(attrs={**attributes, "type": "search"}))
        self.columns = columns

    def filter(self, rows: QuerySet, value: Any) -> QuerySet:
        for word in (value or "").split():
            condition = Q()
            for column in self.columns:
                condition |= Q(**{f"{column}__icontains": word})
            rows = rows.filter(condition)
        return rows


class SelectFilter(django_filters.ChoiceFilter):
    """A choice, or all."""

    def __init__(self, **values: Any) -> None:
        widget = forms.Select(attrs={"class": "form-select"})
        super().__init__(**{"empty_label": "All", "widget": widget, **values})


class DayFilter(django_filters.DateFilter):
    """A calendar day."""

    def __init__(self, **values: Any) -> None:
        widget = forms.DateInput(attrs={"class": "form-control", "type": "date"}, format="%Y-%m-%d")
        super().__init__(**{"widget": widget, **values})
