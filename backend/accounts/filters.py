"""Filters of the list of accounts."""

import django_filters

from backend.accounts.models import User
from backend.core.filters import SearchFilter, SelectFilter


class UserFilter(django_filters.FilterSet):
    search = SearchFilter("username", "display_name", "email", placeholder="Name, user name or e-mail")
    is_active = SelectFilter(label="Account", choices=[("true", "Open"), ("false", "Closed")], method="by_activity")

    class Meta:
        model = User
        fields = ["search", "is_active"]

    def by_activity(self, rows, name, value):
        return rows.filter(is_active=value == "true")
