"""Filters of a reader's worklist and of the coordinator's list of assignments."""

from datetime import timedelta

import django_filters
from django.db.models import QuerySet
from django.utils import timezone

from backend.annotations.models import Assignment, Target
from backend.core.filters import SearchFilter, SelectFilter

STATES = [
    ("left", "To hand in"),
    ("waiting", "Not started"),
    ("open", "Started"),
    ("submitted", "Handed in"),
]
DUE = [("overdue", "Overdue"), ("week", "Within 7 days"), ("some", "With a date"), ("none", "Without a date")]
SOON = timedelta(days=7)


class WorklistFilter(django_filters.FilterSet):
    """``state`` and ``is_overdue`` are annotations of ``selectors.with_state``."""

    search = SearchFilter("case__patient__pseudonym", placeholder="Pseudonym")
    state = SelectFilter(label="State", choices=STATES, method="in_state")
    due = SelectFilter(label="Due", choices=DUE, method="due_then")
    target = SelectFilter(label="Task", choices=Target.choices)

    class Meta:
        model = Assignment
        fields = ["search", "state", "due", "target"]

    def in_state(self, rows: QuerySet[Assignment], name: str, value: str) -> QuerySet[Assignment]:
        return rows.exclude(state="submitted") if value == "left" else rows.filter(state=value)

    def due_then(self, rows: QuerySet[Assignment], name: str, value: str) -> QuerySet[Assignment]:
        if value == "overdue":
            return rows.filter(is_overdue=True)
        if value == "week":
            return rows.exclude(state="submitted").filter(due_on__lte=timezone.localdate() + SOON)
        return rows.filter(due_on__isnull=value == "none")


class ReaderWorklistFilter(WorklistFilter):
    """The same, and by the comments that address the person: ``mentioned`` are the cases with an unread one."""

    comments = SelectFilter(label="Comments", choices=[("unread", "Unread, to me")], method="with_comments")

    class Meta:
        model = Assignment
        fields = ["search", "state", "due", "target", "comments"]

    def __init__(self, data: dict, rows: QuerySet, *, mentioned: list) -> None:
        super().__init__(data, rows)
        self.mentioned = mentioned

    def with_comments(self, rows: QuerySet[Assignment], name: str, value: str) -> QuerySet[Assignment]:
        return rows.filter(case__in=self.mentioned)


class AssignmentFilter(WorklistFilter):
    """The same as a worklist's, and by reader."""

    reader = SelectFilter(label="Reader", field_name="reader__username", choices=[])

    def __init__(self, data: dict, rows: QuerySet, *, readers: list[tuple[str, str]]) -> None:
        super().__init__(data, rows)
        self.filters["reader"].extra["choices"] = readers

    class Meta:
        model = Assignment
        fields = ["search", "reader", "state", "due", "target"]
