"""Jobs: the row is the truth about a piece of work, the broker only a bell."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from backend.core.models import Identified


class JobKind(models.TextChoices):
    """Every kind has one module in worker/tasks/, one function in worker/compute/ and one record service."""

    IMPORT_DICOM = "import_dicom", "Import DICOM"
    IMPORT_CLINICAL = "import_clinical", "Import clinical values"
    BUILD_VOLUMES = "build_volumes", "Build volumes"
    PROPOSE_BAT = "propose_bat", "Propose brown fat"
    IMPORT_READINGS = "import_readings", "Import readings"
    MEASURE_READING = "measure_reading", "Measure reading"
    BUILD_CONSENSUS = "build_consensus", "Build consensus"
    MEASURE_CONSENSUS = "measure_consensus", "Measure consensus"
    SUMMARISE_AGREEMENT = "summarise_agreement", "Summarise agreement"
    EXTRACT_FEATURES = "extract_features", "Extract features"
    FREEZE_DATASET = "freeze_dataset", "Freeze dataset"
    TRAIN_SEGMENTER = "train_segmenter", "Train segmentation"
    SEGMENT_CASES = "segment_cases", "Segment cases"
    TRAIN_CLASSIFIERS = "train_classifiers", "Train TP53 models"
    EVALUATE_AUTOMATIC_ROI = "evaluate_automatic_roi", "Evaluate on automatic ROIs"
    CLUSTER_FEATURES = "cluster_features", "Cluster deep features"
    COMPUTE_STATISTICS = "compute_statistics", "Compute statistics"
    SUMMARISE_COHORT = "summarise_cohort", "Summarise cohort"
    QUANTIFY_IHC = "quantify_ihc", "Count stained nuclei"
    STORE_SLIDE = "store_slide", "Store whole slide"
    ERASE_PATIENT = "erase_patient", "Erase withdrawn patient"


QUEUES = {
    JobKind.IMPORT_DICOM: "io",
    JobKind.IMPORT_CLINICAL: "io",
    JobKind.IMPORT_READINGS: "io",
    JobKind.ERASE_PATIENT: "io",
    JobKind.TRAIN_SEGMENTER: "gpu",
    JobKind.SEGMENT_CASES: "gpu",
    JobKind.TRAIN_CLASSIFIERS: "gpu",
}
DEFAULT_QUEUE = "cpu"


class JobState(models.TextChoices):
    QUEUED = "queued", "Queued"
    RUNNING = "running", "Running"
    SUCCEEDED = "succeeded", "Done"
    FAILED = "failed", "Failed"
    CANCELLED = "cancelled", "Cancelled"


class JobQuerySet(models.QuerySet):
    def in_flight(self) -> "JobQuerySet":
        return self.filter(state__in=[JobState.QUEUED, JobState.RUNNING])

    def held_by(self, token: str) -> "JobQuerySet":
        return self.filter(state=JobState.RUNNING, claimed_by=token)


class Job(Identified):
    """One piece of work: what was asked for, by whom, how far it is, what came of it."""

    kind = models.CharField(max_length=40, choices=JobKind.choices, db_index=True)
    queue = models.CharField(max_length=20)
    state = models.CharField(max_length=20, choices=JobState.choices, default=JobState.QUEUED, db_index=True)
    # The cohort lies in an app above this one, so it is named by its identifier.
    cohort_uuid = models.UUIDField(null=True, db_index=True)
    subject_type = models.CharField(max_length=80)
    subject_id = models.CharField(max_length=80, db_index=True)
    subject_title = models.CharField(max_length=200, blank=True)
    parameters = models.JSONField(default=dict)
    inputs_sha256 = models.CharField(max_length=64, blank=True)
    inputs = models.JSONField(default=dict, blank=True)
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="children")
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    attempt = models.PositiveSmallIntegerField(default=0)
    max_attempts = models.PositiveSmallIntegerField(default=3)
    progress = models.FloatField(default=0.0)
    step = models.CharField(max_length=200, blank=True)
    message = models.TextField(blank=True)
    log = models.TextField(blank=True)
    result = models.JSONField(default=dict, blank=True)
    claimed_by = models.CharField(max_length=64, blank=True)
    worker = models.CharField(max_length=120, blank=True)
    heartbeat_at = models.DateTimeField(null=True, blank=True)
    published_at = models.DateTimeField(null=True, blank=True)
    cancel_requested_at = models.DateTimeField(null=True, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    objects = JobQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        indexes = [models.Index(fields=["cohort_uuid", "-created_at"], name="job_by_cohort")]
        constraints = [
            # A running job always has an owner; without one no heartbeat could be missed and it would hang for ever.
            models.CheckConstraint(condition=~Q(state="running") | ~Q(claimed_by=""), name="running_job_has_a_claim"),
            models.CheckConstraint(condition=Q(progress__gte=0, progress__lte=1), name="job_progress_is_a_fraction"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.subject_title}".strip()

    @property
    def is_over(self) -> bool:
        return self.state in (JobState.SUCCEEDED, JobState.FAILED, JobState.CANCELLED)
