"""Feature sets as the API shows them."""

from rest_framework import serializers

from backend.features.models import FeatureSet


class FeatureSetSerializer(serializers.ModelSerializer):
    """A feature set without its values."""

    patient = serializers.CharField(source="case.patient.pseudonym", read_only=True)
    recipe_sha256 = serializers.CharField(source="recipe.sha256", read_only=True)

    class Meta:
        model = FeatureSet
        fields = [
            "id", "patient", "case", "source", "roi", "recipe", "recipe_sha256", "inputs_sha256", "sha256", "reason",
            "warnings", "is_unsigned_rule", "is_unsigned_consensus", "created_at",
        ]  # fmt: skip


class FeatureSetDetailSerializer(FeatureSetSerializer):
    """A feature set with its values by name, or null where it has a reason."""

    values_by_name = serializers.SerializerMethodField()

    class Meta(FeatureSetSerializer.Meta):
        fields = [*FeatureSetSerializer.Meta.fields, "values_by_name"]

    def get_values_by_name(self, row: FeatureSet) -> dict[str, float] | None:
        if row.values is None:
            return None
        return dict(zip(row.recipe.feature_names, row.values, strict=True))
