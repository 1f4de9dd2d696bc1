"""DICOM as it was imported, the volumes built from it, and the case that pairs a CT with its PET."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models

from backend.cohorts.models import Centre, Cohort, Patient
from backend.core.centre_limit import LimitedManager
from backend.core.models import Identified


class Upload(Identified):
    """One delivery of files, by browser or command. Its staging folder is erased when the import ends."""

    cohort = models.ForeignKey(Cohort, on_delete=models.CASCADE, related_name="uploads")
    source = models.CharField(
        max_length=20, choices=[("browser", "Browser"), ("command", "Command line"), ("api", "API")]
    )
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    # Where its patients come from; patients who are there already keep theirs.
    centre = models.ForeignKey(Centre, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    staging_folder = models.CharField(max_length=300, blank=True)
    file_count = models.PositiveIntegerField(default=0)
    byte_count = models.PositiveBigIntegerField(default=0)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]


class ImportedFile(models.Model):
    """What became of one file. File names can identify a patient, so only its place in the sorted delivery is kept."""

    class Outcome(models.TextChoices):
        STORED = "stored", "Stored"
        ALREADY_THERE = "already_there", "Already there"
        IGNORED = "ignored", "Ignored"
        REFUSED = "refused", "Refused"

    upload = models.ForeignKey(Upload, on_delete=models.CASCADE, related_name="files")
    ordinal = models.PositiveIntegerField()
    outcome = models.CharField(max_length=20, choices=Outcome.choices)
    reason = models.CharField(max_length=300, blank=True)
    sop_instance_uid = models.CharField(max_length=64, blank=True)

    objects = LimitedManager()

    class Meta:
        ordering = ["ordinal"]
        constraints = [models.UniqueConstraint(fields=["upload", "ordinal"], name="file_once_per_upload")]


class ImagingStudy(Identified):
    """A DICOM study under its new UID; its date is shifted, the month of the scan is the true one (cold drives BAT)."""

    patient = models.ForeignKey(Patient, on_delete=models.CASCADE, related_name="imaging_studies")
    study_instance_uid = models.CharField(max_length=64)
    study_date = models.DateField(null=True)
    scan_month = models.PositiveSmallIntegerField(null=True)

    class Meta:
        verbose_name_plural = "imaging studies"
        constraints = [models.UniqueConstraint(fields=["patient", "study_instance_uid"], name="study_once_per_patient")]


class Series(Identified):
    """A DICOM series under its new UID."""

    study = models.ForeignKey(ImagingStudy, on_delete=models.CASCADE, related_name="series")
    series_instance_uid = models.CharField(max_length=64)
    modality = models.CharField(max_length=16)
    frame_of_reference_uid = models.CharField(max_length=64, blank=True)
    series_number = models.IntegerField(null=True)
    manufacturer = models.CharField(max_length=64, blank=True)
    model_name = models.CharField(max_length=64, blank=True)
    slice_thickness_mm = models.FloatField(null=True)
    kvp = models.FloatField(null=True)

    class Meta:
        verbose_name_plural = "series"
        constraints = [models.UniqueConstraint(fields=["study", "series_instance_uid"], name="series_once_per_study")]

    def __str__(self) -> str:
        return f"{self.modality} {self.series_instance_uid[-8:]}"


class Instance(models.Model):
    """One de-identified DICOM object in the storage."""

    series = models.ForeignKey(Series, on_delete=models.CASCADE, related_name="instances")
    sop_instance_uid = models.CharField(max_length=64)
    sop_class_uid = models.CharField(max_length=64)
    storage_key = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    size_bytes = models.PositiveBigIntegerField()

    objects = LimitedManager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["series", "sop_instance_uid"], name="instance_once_per_series")]


class PetAcquisition(Identified):
    """How the PET was taken, read from the headers, and the passport of its SUV."""

    series = models.OneToOneField(Series, on_delete=models.CASCADE, related_name="pet_acquisition")
    injected_dose_bq = models.FloatField(null=True)
    half_life_s = models.FloatField(null=True)
    uptake_time_s = models.FloatField(null=True)
    weight_kg = models.FloatField(null=True)
    suv_passport = models.JSONField(default=dict)


class Volume(Identified):
    """The voxels of a series on their native grid: CT in HU, PET in SUVbw."""

    series = models.OneToOneField(Series, on_delete=models.CASCADE, related_name="volume")
    unit = models.CharField(max_length=10)
    geometry = models.JSONField(help_text="compute.types.Geometry.to_json()")
    storage_key = models.CharField(max_length=200, help_text="NIfTI, gzip")
    sha256 = models.CharField(max_length=64)
    minimum = models.FloatField()
    maximum = models.FloatField()
    # What the viewer loads: see docs/design on serving voxels.
    stored_dtype = models.CharField(max_length=10)
    stored_slope = models.FloatField(default=1.0)
    stored_intercept = models.FloatField(default=0.0)
    preview_key = models.CharField(max_length=200)
    preview_geometry = models.JSONField()
    slab_keys = ArrayField(models.CharField(max_length=200))
    slab_slice_counts = ArrayField(models.PositiveSmallIntegerField())


class Case(Identified):
    """One CT and one PET of a patient that are read together."""

    patient = models.ForeignKey(Patient, on_delete=models.CASCADE, related_name="cases")
    study = models.ForeignKey(ImagingStudy, on_delete=models.CASCADE, related_name="cases")
    ct = models.ForeignKey(Volume, on_delete=models.PROTECT, related_name="+")
    pet = models.ForeignKey(Volume, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["ct", "pet"], name="case_once_per_pair")]

    def __str__(self) -> str:
        return f"Case of {self.patient}"


class CaseOffset(Identified):
    """A rigid translation that lays the PET on the CT, set by a person; the newest counts."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="offsets")
    offset_lps_mm = ArrayField(models.FloatField(), size=3)
    reason = models.TextField()
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-created_at"]


class QcFinding(Identified):
    """Something a person should know about a series or a case, in a sentence."""

    class Severity(models.TextChoices):
        INFO = "info", "Note"
        WARNING = "warning", "Warning"
        ERROR = "error", "Problem"

    patient = models.ForeignKey(Patient, on_delete=models.CASCADE, related_name="qc_findings")
    series = models.ForeignKey(Series, null=True, blank=True, on_delete=models.CASCADE, related_name="qc_findings")
    case = models.ForeignKey(Case, null=True, blank=True, on_delete=models.CASCADE, related_name="qc_findings")
    code = models.CharField(max_length=60)
    severity = models.CharField(max_length=10, choices=Severity.choices)
    sentence = models.TextField()

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["patient", "series", "case", "code"], name="finding_once", nulls_distinct=False
            )
        ]
