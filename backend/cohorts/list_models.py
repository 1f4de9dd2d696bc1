"""Views of lists that people keep: filters and columns under a name, for oneself or for the cohort."""

from django.conf import settings
from django.db import models

from backend.core.models import Identified


class SavedView(Identified):
    """The query of one list's address under a name. ``page`` is the name of the list's address."""

    cohort = models.ForeignKey("cohorts.Cohort", on_delete=models.CASCADE, related_name="saved_views")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="saved_views")
    page = models.CharField(max_length=60)
    name = models.CharField(max_length=60)
    query = models.TextField(blank=True)
    is_shared = models.BooleanField(default=False)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["cohort", "owner", "page", "name"], name="view_name_once_per_list")
        ]

    def __str__(self) -> str:
        return self.name
