"""Filters of the list of cases."""

import django_filters
from django.db.models import QuerySet

from backend.core.filters import SearchFilter, SelectFilter
from backend.dashboards.selectors.cases import STAGES
from backend.imaging.models import Case


class CaseFilter(django_filters.FilterSet):
    """Over ``selectors.cases.cases_of``; ``blinded`` cases are at no stage: the answer would tell of others' work."""

    search = SearchFilter("patient__pseudonym", placeholder="Pseudonym")
    stage = SelectFilter(label="Stage", method="at_stage", choices=[(key, title) for key, (title, _) in STAGES.items()])

    class Meta:
        model = Case
        fields = ["search", "stage"]

    def __init__(self, *args: object, blinded: frozenset = frozenset(), **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.blinded = blinded

    def at_stage(self, rows: QuerySet[Case], name: str, value: str) -> QuerySet[Case]:
        return rows.exclude(pk__in=self.blinded).filter(STAGES[value][1])
