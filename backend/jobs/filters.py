"""Filters of the list of jobs."""

import django_filters

from backend.core.filters import SearchFilter, SelectFilter
from backend.jobs.models import Job, JobKind, JobState


class JobFilter(django_filters.FilterSet):
    search = SearchFilter("subject_title", "created_by__username", placeholder="Subject or person")
    state = SelectFilter(label="State", choices=JobState.choices)
    kind = SelectFilter(label="Work", choices=JobKind.choices)

    class Meta:
        model = Job
        fields = ["search", "state", "kind"]
