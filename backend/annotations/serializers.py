"""Assignments, readings, masks and consensuses as the API shows them."""

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from backend.annotations.models import Assignment, Consensus, Mask, ProposalUse, Reading


class AssignmentSerializer(serializers.ModelSerializer):
    """A case given to a reader; ``state`` is waiting, open or submitted."""

    case_id = serializers.UUIDField(read_only=True)
    pseudonym = serializers.CharField(source="case.patient.pseudonym", read_only=True)
    reader = serializers.CharField(source="reader.username", read_only=True)
    state = serializers.CharField(read_only=True)

    class Meta:
        model = Assignment
        fields = ["id", "case_id", "pseudonym", "reader", "target", "position", "due_on", "state", "created_at"]


class MaskSerializer(serializers.ModelSerializer):
    """A mask without its voxels; those are at ``/cohorts/<slug>/masks/<id>/labelmap/``."""

    case_id = serializers.UUIDField(read_only=True)
    author = serializers.CharField(source="author.username", default=None, read_only=True)

    class Meta:
        model = Mask
        fields = [
            "id",
            "case_id",
            "target",
            "source",
            "author",
            "number",
            "is_branch",
            "grid",
            "geometry",
            "sha256",
            "voxel_count",
            "volume_ml",
            "lesions",
            "created_at",
        ]


class ProposalUseSerializer(serializers.ModelSerializer):
    """What a program proposed and what the reader changed in it, in voxels of the PET grid."""

    proposal_id = serializers.UUIDField(read_only=True)
    source = serializers.CharField(source="proposal.source", read_only=True)

    class Meta:
        model = ProposalUse
        fields = ["proposal_id", "source", "voxels_proposed", "voxels_added", "voxels_removed", "dice"]


class ReadingSerializer(serializers.ModelSerializer):
    """What was handed in; ``uptake`` is measured on the native PET grid, ``proposal`` is null where none was used."""

    case_id = serializers.UUIDField(read_only=True)
    mask_id = serializers.UUIDField(read_only=True, allow_null=True)
    reader = serializers.CharField(source="reader.username", default=None, read_only=True)
    uptake = serializers.SerializerMethodField()
    made_with_proposal = serializers.SerializerMethodField()
    proposal = ProposalUseSerializer(source="proposal_use", default=None, read_only=True)
    withdrawn_at = serializers.DateTimeField(source="withdrawal.created_at", default=None, read_only=True)

    class Meta:
        model = Reading
        fields = [
            "id",
            "case_id",
            "target",
            "reader",
            "origin",
            "outcome",
            "reason",
            "mask_id",
            "mask_sha256",
            "uptake",
            "made_with_proposal",
            "proposal",
            "withdrawn_at",
            "created_at",
        ]

    def get_made_with_proposal(self, reading: Reading) -> bool:
        return hasattr(reading, "proposal_use")

    @extend_schema_field(serializers.DictField())
    def get_uptake(self, reading: Reading) -> dict:
        measurement = getattr(reading, "measurement", None)
        return {"whole": measurement.whole, "lesions": measurement.lesions} if measurement else {}


class ConsensusSerializer(serializers.ModelSerializer):
    """What a case's ROI is taken to be; the newest of a case and target counts."""

    case_id = serializers.UUIDField(read_only=True)
    mask_id = serializers.UUIDField(read_only=True, allow_null=True)
    mask_sha256 = serializers.CharField(source="mask.sha256", default="", read_only=True)
    signed_by = serializers.CharField(source="signed_by.username", default=None, read_only=True)
    majority_mask_id = serializers.UUIDField(source="majority_id", read_only=True, allow_null=True)
    staple_mask_id = serializers.UUIDField(source="staple_id", read_only=True, allow_null=True)
    disagreement_mask_id = serializers.UUIDField(source="disagreement_id", read_only=True, allow_null=True)
    statistics = serializers.JSONField(source="uptake", read_only=True)
    reopened_at = serializers.DateTimeField(source="reopening.created_at", default=None, read_only=True)
    reopened_because = serializers.CharField(source="reopening.reason", default="", read_only=True)

    class Meta:
        model = Consensus
        fields = [
            "id",
            "case_id",
            "target",
            "method",
            "outcome",
            "mask_id",
            "mask_sha256",
            "majority_mask_id",
            "staple_mask_id",
            "disagreement_mask_id",
            "reading_ids",
            "tie_voxels",
            "agreement",
            "statistics",
            "is_signed",
            "signed_by",
            "differs_from_automatic",
            "reopened_at",
            "reopened_because",
            "reason",
            "created_at",
        ]
