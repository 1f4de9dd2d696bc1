"""Filters of a frozen dataset's members."""

import django_filters
from django.db.models import QuerySet

from backend.cohorts.models import CancerType, DatasetMember
from backend.core.filters import SearchFilter, SelectFilter

PARTS = [
    ("training", "Training part"),
    ("test", "Sealed test set"),
    *((str(fold), f"Fold {fold + 1}") for fold in range(10)),
]


class MemberFilter(django_filters.FilterSet):
    search = SearchFilter("patient__pseudonym", placeholder="Pseudonym")
    cancer_type = SelectFilter(label="Cancer", choices=CancerType.choices)
    tp53 = SelectFilter(label="TP53", choices=[("1", "Mutated"), ("0", "Wild-type")], method="by_state")
    part = SelectFilter(label="Part", choices=PARTS, method="by_part")

    class Meta:
        model = DatasetMember
        fields = ["search", "cancer_type", "tp53", "part"]

    def by_state(self, members: QuerySet, name: str, value: str) -> QuerySet:
        return members.filter(tp53_mutated=value == "1")

    def by_part(self, members: QuerySet, name: str, value: str) -> QuerySet:
        if value in ("training", "test"):
            return members.filter(fold__isnull=value == "test")
        return members.filter(fold=int(value))
