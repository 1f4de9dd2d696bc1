"""Filters of a cohort's feature sets and of the values of one set."""

import django_filters
from django import forms
from django.db.models import QuerySet

from backend.core.filters import SearchFilter, SelectFilter
from backend.features.models import FeatureSet, Source


class FeatureSetFilter(django_filters.FilterSet):
    search = SearchFilter("case__patient__pseudonym", "reason", placeholder="Pseudonym or reason")
    source = SelectFilter(label="Source", choices=Source.choices)
    # The view asks for the sets of this ROI; here it stays in the address when somebody searches.
    roi = SelectFilter(
        label="ROI", choices=[("automatic", "Automatic ROI")], empty_label="Consensus ROI", method="kept_as_it_is"
    )
    state = SelectFilter(
        label="State",
        choices=[("done", "With features"), ("reason", "With a reason"), ("unsigned", "Unsigned brown fat")],
        method="by_state",
    )

    class Meta:
        model = FeatureSet
        fields = ["search", "source", "roi", "state"]

    def kept_as_it_is(self, rows: QuerySet, name: str, value: str) -> QuerySet:
        return rows

    def by_state(self, rows: QuerySet, name: str, value: str) -> QuerySet:
        if value == "unsigned":
            return rows.filter(is_unsigned_rule=True)
        return rows.filter(values__isnull=value == "reason")


class ValueSearch(forms.Form):
    """Search over the names of one set's features; they are an array of one row, so no queryset can be filtered."""

    search = forms.CharField(
        required=False, widget=forms.TextInput(attrs={"class": "form-control", "type": "search", "placeholder": "glcm"})
    )

    def matches(self, rows: list[dict]) -> list[dict]:
        """The rows whose name holds every word."""
        words = self.cleaned_data["search"].lower().split() if self.is_valid() else []
        return [row for row in rows if all(word in row["name"].lower() for word in words)]
