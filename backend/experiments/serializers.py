"""Datasets, experiments, models, predictions and figures as the API shows them."""

from rest_framework import serializers

from backend.cohorts.models import DatasetMember, DatasetVersion
from backend.experiments.models import Experiment, Figure, ModelVersion, Prediction, Run
from backend.experiments.staleness import Result, staleness_of


class StaleField(serializers.Serializer):
    """``stale``: what a result does not know yet, in sentences; empty where it stands on what counts now."""

    stale = serializers.SerializerMethodField()

    def get_stale(self, result: Result) -> list[str]:
        return list(staleness_of(result).sentences)


class DatasetVersionSerializer(StaleField, serializers.ModelSerializer):
    """A frozen dataset with its sizes."""

    protocol = serializers.IntegerField(source="protocol.number", read_only=True)
    frozen_by = serializers.CharField(source="frozen_by.username", default=None, read_only=True)
    patient_count = serializers.IntegerField(read_only=True)
    training_count = serializers.IntegerField(read_only=True)
    test_count = serializers.IntegerField(read_only=True)
    mutated_count = serializers.IntegerField(read_only=True)

    class Meta:
        model = DatasetVersion
        fields = [
            "id", "number", "protocol", "label_rule", "split_settings", "warnings", "sha256", "frozen_by", "created_at",
            "patient_count", "training_count", "test_count", "mutated_count", "stale",
        ]  # fmt: skip


class DatasetMemberSerializer(serializers.ModelSerializer):
    """One patient of a frozen dataset; ``fold`` is null in the sealed test set."""

    patient = serializers.CharField(source="patient.pseudonym", read_only=True)

    class Meta:
        model = DatasetMember
        fields = [
            "patient",
            "case_uuid",
            "cancer_type",
            "tp53_mutated",
            "fold",
            "mask_sha256",
            "feature_sets",
            "clinical",
        ]


class ExperimentSerializer(StaleField, serializers.ModelSerializer):
    """A row of the list of experiments."""

    dataset = serializers.IntegerField(source="dataset_version.number", default=None, read_only=True)

    class Meta:
        model = Experiment
        fields = ["id", "kind", "dataset", "job", "based_on", "seed", "created_at", "stale"]


class RunSerializer(serializers.ModelSerializer):
    """One training: a model in one fold, or its final test (fold null)."""

    class Meta:
        model = Run
        fields = ["model_name", "fold", "n", "metrics", "curves", "confusion_matrix"]


class ModelVersionSerializer(StaleField, serializers.ModelSerializer):
    """A trained model with the hashes of its files."""

    experiment = serializers.UUIDField(source="experiment_id", read_only=True)
    files = serializers.SerializerMethodField()

    class Meta:
        model = ModelVersion
        fields = ["id", "experiment", "name", "number", "state", "files", "metrics", "created_at", "stale"]

    def get_files(self, model: ModelVersion) -> dict[str, dict]:
        """Relative path → hash and size; where they lie in the storage is nobody's business."""
        return {path: {"sha256": file["sha256"], "size": file["size"]} for path, file in model.files.items()}


class FigureSerializer(StaleField, serializers.ModelSerializer):
    """A figure without its declaration, which has an address of its own."""

    experiment = serializers.UUIDField(source="experiment_id", read_only=True)

    class Meta:
        model = Figure
        fields = ["id", "experiment", "key", "title", "caption", "n", "svg_sha256", "created_at", "stale"]


class FigureDetailSerializer(FigureSerializer):
    """A figure with its Vega-Lite declaration."""

    class Meta(FigureSerializer.Meta):
        fields = [*FigureSerializer.Meta.fields, "spec"]


class ExperimentDetailSerializer(ExperimentSerializer):
    """Everything about one experiment but its predictions."""

    runs = RunSerializer(many=True, read_only=True)
    models = ModelVersionSerializer(many=True, read_only=True)
    figures = FigureSerializer(many=True, read_only=True)

    class Meta(ExperimentSerializer.Meta):
        fields = [*ExperimentSerializer.Meta.fields, "settings", "results", "runs", "models", "figures"]


class PredictionSerializer(serializers.ModelSerializer):
    """The TP53 probability of one patient by one model. For research use only."""

    patient = serializers.CharField(source="patient.pseudonym", read_only=True)

    class Meta:
        model = Prediction
        fields = ["patient", "model_name", "probability", "partition", "roi"]
