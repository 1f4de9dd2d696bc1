"""Filters of a reader's worklist and of the coordinator's list of assignments."""

import django_filters
from django.db.models import QuerySet

from backend.annotations.models import Assignment, Target
from backend.core.filters import SearchFilter, SelectFilter

STATES = [("waiting", "Not opened"), ("open", "Open"), ("submitted", "Handed in")]


class WorklistFilter(django_filters.FilterSet):
    """``state`` is the annotation of ``selectors.with_state``."""

    search = SearchFilter("case__patient__pseudonym", placeholder="Pseudonym")
    state = SelectFilter(label="State", choices=STATES)
    target = SelectFilter(label="Task", choices=Target.choices)

    class Meta:
        model = Assignment
        fields = ["search", "state", "target"]


class AssignmentFilter(WorklistFilter):
    """The same, and by reader."""

    reader = SelectFilter(label="Reader", field_name="reader__username", choices=[])

    def __init__(self, data: dict, rows: QuerySet, *, readers: list[tuple[str, str]]) -> None:
        super().__init__(data, rows)
        self.filters["reader"].extra["choices"] = readers

    class Meta:
        model = Assignment
        fields = ["search", "reader", "state", "target"]
