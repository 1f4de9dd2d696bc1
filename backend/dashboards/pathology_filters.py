"""Filters of the pathologists' worklist."""

import django_filters
from django.db.models import QuerySet

from backend.cohorts.models import Patient
from backend.core.filters import SearchFilter, SelectFilter


class WorklistFilter(django_filters.FilterSet):
    search = SearchFilter("pseudonym", placeholder="Pseudonym")
    read = SelectFilter(
        label="p53",
        choices=[("none", "Not read by anybody"), ("not_me", "Not read by me"), ("me", "Read by me")],
        method="filter_read",
    )

    class Meta:
        model = Patient
        fields = ["search"]

    def filter_read(self, patients: QuerySet[Patient], name: str, value: str) -> QuerySet[Patient]:
        conditions = {"none": {"is_read": False}, "not_me": {"read_by_me": False}, "me": {"read_by_me": True}}
        return patients.filter(**conditions[value])
