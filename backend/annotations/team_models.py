"""How cases were given out, round by round, and who has one of them open at the moment."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models

from backend.cohorts.models import Cohort
from backend.core.centre_limit import LimitedManager
from backend.core.models import Identified


class AssignmentRound(Identified):
    """One time that cases were given out: how, to whom, and the seed from which the draw can be made again."""

    cohort = models.ForeignKey(Cohort, on_delete=models.CASCADE, related_name="assignment_rounds")
    target = models.CharField(max_length=10)
    way = models.CharField(
        max_length=10,
        choices=[
            ("all", "Every case to every reader"),
            ("balanced", "Drawn at random, evenly"),
            ("hand", "By hand"),
        ],
    )
    seed = models.PositiveBigIntegerField()
    readers_per_case = models.PositiveIntegerField(null=True, blank=True)
    reader_ids = ArrayField(models.BigIntegerField(), default=list)
    case_count = models.PositiveIntegerField()
    given_count = models.PositiveIntegerField()
    due_on = models.DateField(null=True, blank=True)
    given_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.get_way_display()}, seed {self.seed}"


class Presence(models.Model):
    """A case that is open in its reader's browser. A row that is not renewed counts for nothing (see presence.py)."""

    assignment = models.OneToOneField("annotations.Assignment", on_delete=models.CASCADE, related_name="presence")
    since = models.DateTimeField(help_text="when this sitting began")
    seen_at = models.DateTimeField(help_text="the newest heartbeat")
    active_at = models.DateTimeField(help_text="the newest heartbeat since which the reader did something")

    objects = LimitedManager()

    def __str__(self) -> str:
        return f"{self.assignment_id} since {self.since:%H:%M}"
