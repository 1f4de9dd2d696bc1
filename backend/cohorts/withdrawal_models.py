"""The withdrawal of a patient from a study: a tombstone that says what was erased, never what it was."""

from django.conf import settings
from django.db import models

from backend.core.models import Identified


class Withdrawal(Identified):
    """Asked for by a person and done by a job; ``finished_at`` is empty until nothing of the patient is left."""

    patient = models.OneToOneField("cohorts.Patient", on_delete=models.PROTECT, related_name="withdrawal")
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    reason = models.TextField()
    # Identifiers of what there was: jobs and the audit trail name their subjects by them.
    subject_ids = models.JSONField(default=list)
    erased = models.JSONField(default=dict, help_text="what → how many; files → how many")
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"Withdrawal of {self.patient_id}"
