"""Filters of the lists of cohorts and of members."""

import django_filters

from backend.cohorts.models import Cohort, Membership, Role
from backend.core.filters import SearchFilter, SelectFilter


class CohortFilter(django_filters.FilterSet):
    search = SearchFilter("name", "slug", "description", placeholder="Name or description")

    class Meta:
        model = Cohort
        fields = ["search"]


class MemberFilter(django_filters.FilterSet):
    search = SearchFilter("user__username", "user__display_name", placeholder="Name or user name")
    role = SelectFilter(label="Role", choices=Role.choices)

    centre = SearchFilter("centre__name", label="Centre", placeholder="Limited to", width=10)

    class Meta:
        model = Membership
        fields = ["search", "role", "centre"]
