"""Jobs as the API shows them."""

from rest_framework import serializers

from backend.jobs.models import Job, JobKind


class JobSerializer(serializers.ModelSerializer):
    """A row of the list of jobs."""

    title = serializers.CharField(source="__str__", read_only=True)
    is_over = serializers.BooleanField(read_only=True)
    created_by = serializers.CharField(source="created_by.username", default=None, read_only=True)

    class Meta:
        model = Job
        fields = [
            "id", "kind", "title", "state", "progress", "step", "message", "attempt", "max_attempts", "is_over",
            "subject_type", "subject_id", "subject_title", "parent", "created_by",
            "created_at", "started_at", "finished_at",
        ]  # fmt: skip


class JobDetailSerializer(JobSerializer):
    """Everything about one job."""

    class Meta(JobSerializer.Meta):
        fields = [
            *JobSerializer.Meta.fields,
            "parameters",
            "inputs",
            "inputs_sha256",
            "result",
            "log",
            "worker",
            "queue",
        ]


class StartJobSerializer(serializers.Serializer):
    """Work to start: on the subject of this identifier, or on the newest one where none is given."""

    kind = serializers.ChoiceField(choices=JobKind.choices)
    subject_id = serializers.UUIDField(required=False)
    parameters = serializers.DictField(required=False)
