"""Audit records as the API shows them."""

from rest_framework import serializers

from backend.audit.models import AuditRecord


class AuditRecordSerializer(serializers.ModelSerializer):
    """One action, with the hashes that chain it to the one before."""

    class Meta:
        model = AuditRecord
        fields = [
            "id", "at", "actor_name", "action", "object_type", "object_id", "cohort_uuid", "before", "after", "reason",
            "previous_sha256", "sha256",
        ]  # fmt: skip
