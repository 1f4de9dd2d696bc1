"""Filters of the list of cases."""

import django_filters
from django.db.models import QuerySet

from backend.core.filters import SearchFilter, SelectFilter
from backend.dashboards.selectors.cases import STAGES
from backend.imaging.models import Case


class CaseFilter(django_filters.FilterSet):
    """Over ``selectors.cases.cases_of``."""

    search = SearchFilter("patient__pseudonym", placeholder="Pseudonym")
    stage = SelectFilter(label="Stage", method="at_stage", choices=[(key, title) for key, (title, _) in STAGES.items()])

    def at_stage(self, rows: QuerySet[Case], name: str, value: str) -> QuerySet[Case]:
        return rows.filter(STAGES[value][1]) if value in STAGES else rows

    class Meta:
        model = Case
        fields = ["search", "stage"]
