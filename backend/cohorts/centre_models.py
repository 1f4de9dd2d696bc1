"""The hospitals (centres) that a cohort's patients come from."""

from django.db import models

from backend.core.models import Identified


class Centre(Identified):
    """One hospital of a study. A patient belongs to at most one; a member may be limited to one."""

    cohort = models.ForeignKey("cohorts.Cohort", on_delete=models.CASCADE, related_name="centres")
    name = models.CharField(max_length=60)

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["cohort", "name"], name="centre_once_per_cohort")]

    def __str__(self) -> str:
        return self.name
