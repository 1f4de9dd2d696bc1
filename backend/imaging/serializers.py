"""Deliveries, studies and series as the API shows and takes them."""

from rest_framework import serializers

from backend.imaging.acquisition import outliers_of
from backend.imaging.models import ImagingStudy, ImportedFile, QcFinding, Series, Upload


class AnnouncedFileSerializer(serializers.Serializer):
    """A file that will be sent; the path only orders the files and is not kept."""

    path = serializers.CharField(max_length=2000, trim_whitespace=False)
    size = serializers.IntegerField(min_value=0)


class NewUploadSerializer(serializers.Serializer):
    """Every file of a delivery, announced before the first byte."""

    files = AnnouncedFileSerializer(many=True)
    centre = serializers.CharField(
        max_length=60, required=False, allow_blank=True, help_text="where the patients come from; made where it is new"
    )


class CreatedUploadSerializer(serializers.Serializer):
    """Where the files are to be sent: ``PUT chunk_url?file=<place>&offset=…``, then ``POST finish_url``."""

    upload_id = serializers.UUIDField()
    chunk_url = serializers.CharField()
    finish_url = serializers.CharField()


class ReceivedSerializer(serializers.Serializer):
    """How many bytes of a file the server holds."""

    received = serializers.IntegerField()


class FinishedUploadSerializer(serializers.Serializer):
    """The import that was started, and the page that shows it."""

    job_id = serializers.UUIDField()
    job_url = serializers.CharField()


class UploadSerializer(serializers.ModelSerializer):
    """A delivery; ``outcomes`` counts what became of its files."""

    state = serializers.CharField(read_only=True)
    job_id = serializers.UUIDField(read_only=True, allow_null=True)
    sent_by = serializers.SerializerMethodField()
    outcomes = serializers.DictField(child=serializers.IntegerField(), read_only=True)
    centre = serializers.CharField(source="centre.name", default="", read_only=True)

    class Meta:
        model = Upload
        fields = [
            "id", "source", "sent_by", "centre", "state", "job_id", "file_count", "byte_count", "created_at",
            "finished_at", "outcomes",
        ]  # fmt: skip

    def get_sent_by(self, upload: Upload) -> str:
        return upload.uploaded_by.shown_name if upload.uploaded_by else "PETRA"


class ImportedFileSerializer(serializers.ModelSerializer):
    """What became of one file; ``ordinal`` is its place among the delivered files in the order of their paths."""

    class Meta:
        model = ImportedFile
        fields = ["ordinal", "outcome", "reason", "sop_instance_uid"]


class StudySerializer(serializers.ModelSerializer):
    """An imaging study; its date is shifted, its month is the true one."""

    patient = serializers.CharField(source="patient.pseudonym", read_only=True)
    series_count = serializers.IntegerField(read_only=True)

    class Meta:
        model = ImagingStudy
        fields = ["id", "patient", "study_instance_uid", "study_date", "scan_month", "series_count"]


class FindingSerializer(serializers.ModelSerializer):
    """Something to know about a series."""

    class Meta:
        model = QcFinding
        fields = ["code", "severity", "sentence"]


class SeriesSerializer(serializers.ModelSerializer):
    """An image series; ``outside_of_paper`` says which values lie outside of the published acquisition."""

    patient = serializers.CharField(source="study.patient.pseudonym", read_only=True)
    study = serializers.UUIDField(source="study_id", read_only=True)
    instance_count = serializers.IntegerField(read_only=True)
    unit = serializers.CharField(source="volume.unit", read_only=True, default=None, allow_null=True)
    volume = serializers.UUIDField(source="volume.pk", read_only=True, default=None, allow_null=True)
    dose_mbq = serializers.FloatField(read_only=True, allow_null=True)
    activity_mbq_per_kg = serializers.FloatField(read_only=True, allow_null=True)
    uptake_minutes = serializers.FloatField(read_only=True, allow_null=True)
    finding_count = serializers.IntegerField(read_only=True)
    outside_of_paper = serializers.SerializerMethodField()

    class Meta:
        model = Series
        fields = [
            "id", "patient", "study", "series_instance_uid", "modality", "series_number", "manufacturer", "model_name",
            "frame_of_reference_uid", "slice_thickness_mm", "kvp", "instance_count", "volume", "unit", "dose_mbq",
            "activity_mbq_per_kg", "uptake_minutes", "finding_count", "outside_of_paper",
        ]  # fmt: skip

    def get_outside_of_paper(self, series: Series) -> dict[str, str]:
        return outliers_of(series)


class SeriesDetailSerializer(SeriesSerializer):
    """A series with its findings and, for PET, the passport of its SUV."""

    findings = FindingSerializer(source="qc_findings", many=True, read_only=True)
    suv_passport = serializers.JSONField(source="pet_acquisition.suv_passport", read_only=True, default=None)

    class Meta(SeriesSerializer.Meta):
        fields = [*SeriesSerializer.Meta.fields, "findings", "suv_passport"]
