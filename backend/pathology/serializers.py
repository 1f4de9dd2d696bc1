"""p53 reads as the API shows and takes them."""

from rest_framework import serializers

from backend.pathology.models import IhcRead


class IhcReadSerializer(serializers.ModelSerializer):
    """One signed p53 read; ``supersedes`` names the earlier read of the same person that it corrects."""

    reader = serializers.CharField(source="reader.username", default=None, read_only=True)
    percent_stained = serializers.FloatField(min_value=0, max_value=100)
    internal_control_present = serializers.BooleanField(allow_null=True, default=None)

    class Meta:
        model = IhcRead
        fields = [
            "id", "reader", "percent_stained", "intensity", "pattern", "internal_control_present", "comment", "source",
            "supersedes", "created_at",
        ]  # fmt: skip
        read_only_fields = ["id", "source", "supersedes", "created_at"]


class IhcReadListSerializer(serializers.Serializer):
    """The reads that count; a pathologist gets the others' once the own one is signed, until then their number."""

    reads = IhcReadSerializer(many=True)
    hidden_count = serializers.IntegerField()
    tp53_mutated = serializers.BooleanField(allow_null=True)
    percent_stained = serializers.FloatField(allow_null=True)
    discordance = serializers.ListField(child=serializers.CharField())
