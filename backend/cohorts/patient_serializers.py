"""Patients, clinical records, eligibility and protocols as the API shows and takes them."""

from rest_framework import serializers

from backend.cohorts.clinical_fields import FIELDS
from backend.cohorts.models import (
    ClinicalRecord,
    EligibilityDecision,
    Patient,
    PatientState,
    ProtocolVersion,
)
from backend.cohorts.protocol_fields import RULES, RuleField

CRITERION_OUTCOMES = ["met", "not_met", "unknown"]
_NOT_BY_HAND = (PatientState.WITHDRAWN, PatientState.ELIGIBLE)
OVERRIDE_STATES = [choice for choice in PatientState.choices if choice[0] not in _NOT_BY_HAND]


class PatientSerializer(serializers.ModelSerializer):
    """A row of the list; ``cancer_type`` and ``state_reason`` are null for whoever must not see them yet."""

    state = serializers.CharField(source="enrolment.state", read_only=True)
    state_reason = serializers.CharField(source="enrolment.reason", read_only=True, allow_null=True)
    cancer_type = serializers.CharField(read_only=True, allow_null=True)
    centre = serializers.CharField(source="centre_name", read_only=True)
    is_blinded = serializers.BooleanField(read_only=True)

    class Meta:
        model = Patient
        fields = ["pseudonym", "centre", "state", "state_reason", "cancer_type", "is_blinded", "created_at"]


class ClinicalRecordSerializer(serializers.ModelSerializer):
    """A clinical record. Units are in the names; dates are shifted by the patient's own number of days."""

    recorded_by = serializers.CharField(source="recorded_by.username", default=None, read_only=True)

    class Meta:
        model = ClinicalRecord
        fields = ["id", *(field.name for field in FIELDS), "source", "reason", "recorded_by", "created_at"]
        read_only_fields = ["id", "source", "recorded_by", "created_at"]
        extra_kwargs = {"reason": {"required": True, "allow_blank": False}}


class CriterionSerializer(serializers.Serializer):
    """One criterion of the protocol for one patient."""

    code = serializers.CharField()
    title = serializers.CharField()
    outcome = serializers.ChoiceField(choices=CRITERION_OUTCOMES)
    reason = serializers.CharField()


class DecisionSerializer(serializers.ModelSerializer):
    """One entry of the eligibility log."""

    criteria = CriterionSerializer(many=True, read_only=True)
    protocol = serializers.IntegerField(source="protocol.number", read_only=True)
    decided_by = serializers.CharField(source="decided_by.username", default=None, read_only=True)

    class Meta:
        model = EligibilityDecision
        fields = ["id", "state", "is_override", "reason", "criteria", "protocol", "decided_by", "created_at"]


class OverrideSerializer(serializers.Serializer):
    """A coordinator's word over the criteria; without ``state`` the criteria decide again."""

    state = serializers.ChoiceField(choices=OVERRIDE_STATES, required=False)
    reason = serializers.CharField(max_length=500)


class PatientDetailSerializer(PatientSerializer):
    """A patient with the newest clinical record and the criteria as they stand now (null while blinded)."""

    clinical = ClinicalRecordSerializer(read_only=True, allow_null=True)
    criteria = CriterionSerializer(many=True, read_only=True, allow_null=True)

    class Meta(PatientSerializer.Meta):
        fields = [*PatientSerializer.Meta.fields, "clinical", "criteria"]


def _rule_serializer_field(rule: RuleField) -> serializers.Field:
    """Whole numbers, numbers, words or lists with the limits of the form."""
    limits = {"min_value": rule.minimum, "max_value": rule.maximum}
    if rule.is_list and rule.choices:
        return serializers.ListField(child=serializers.ChoiceField(choices=rule.choices), min_length=1)
    if rule.is_list:
        return serializers.ListField(child=serializers.FloatField(**limits), min_length=1, max_length=6)
    if rule.choices:
        return serializers.ChoiceField(choices=rule.choices)
    return serializers.IntegerField(**limits) if rule.is_whole else serializers.FloatField(**limits)


class ProtocolRulesSerializer(serializers.Serializer):
    """Every rule of a protocol; units are in the names."""

    def get_fields(self) -> dict[str, serializers.Field]:
        return {rule.name: _rule_serializer_field(rule) for rule in RULES}


class ProtocolVersionSerializer(serializers.ModelSerializer):
    """A version of the protocol."""

    rules = ProtocolRulesSerializer(read_only=True)
    created_by = serializers.CharField(source="created_by.username", default=None, read_only=True)

    class Meta:
        model = ProtocolVersion
        fields = ["number", "rules", "reason", "created_by", "created_at"]


class NewProtocolSerializer(serializers.Serializer):
    """The next version: all rules, and why."""

    rules = ProtocolRulesSerializer()
    reason = serializers.CharField(max_length=500)
