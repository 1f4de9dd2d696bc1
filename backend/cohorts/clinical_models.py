"""Clinical tables on their way in, and the mappings of columns that a cohort remembers."""

from django.conf import settings
from django.db import models

from backend.core.models import Identified


class ClinicalMapping(Identified):
    """What the columns of a hospital's tables mean (worker.compute.clinical.mapping), under a name of the cohort."""

    cohort = models.ForeignKey("cohorts.Cohort", on_delete=models.CASCADE, related_name="clinical_mappings")
    name = models.CharField(max_length=80)
    mapping = models.JSONField()
    updated_at = models.DateTimeField(auto_now=True)
    updated_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["cohort", "name"], name="mapping_name_once_per_cohort")]

    def __str__(self) -> str:
        return self.name


class TableState(models.TextChoices):
    RECEIVED = "received", "Being read"
    READ = "read", "Waiting for its mapping"
    UNREADABLE = "unreadable", "Not readable"
    CHECKING = "checking", "Being checked"
    REFUSED = "refused", "Has cells to correct"
    CHECKED = "checked", "Ready to import"
    IMPORTING = "importing", "Being imported"
    IMPORTED = "imported", "Imported"
    ERASED = "erased", "Discarded"


OPEN_STATES = tuple(state for state in TableState if state not in (TableState.IMPORTED, TableState.ERASED))


class ClinicalTable(Identified):
    """One delivery. The table itself waits in the staging folder, because it names patients, and is erased there.

    ``problems`` are the cells of the last check, by row, column and reason, never with a value.
    """

    cohort = models.ForeignKey("cohorts.Cohort", on_delete=models.CASCADE, related_name="clinical_tables")
    staged = models.CharField(max_length=40, blank=True)
    state = models.CharField(max_length=20, choices=TableState.choices, default=TableState.RECEIVED)
    # A script's table has no page to go on from: its file is erased as soon as its one attempt has ended.
    is_kept = models.BooleanField(default=False)
    mapping = models.JSONField(null=True)
    mapping_name = models.CharField(max_length=80, blank=True)
    message = models.TextField(blank=True)
    problems = models.JSONField(default=list)
    problem_count = models.PositiveIntegerField(default=0)
    outcome = models.JSONField(default=dict)
    changed_at = models.DateTimeField(auto_now=True)
    sent_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"clinical table of {self.created_at:%Y-%m-%d %H:%M}"
