"""What was computed on a frozen dataset: runs, models, predictions, figures."""

from django.db import models

from backend.cohorts.models import Cohort, DatasetVersion, Patient
from backend.core.centre_limit import LimitedManager
from backend.core.models import Identified
from backend.jobs.models import Job


class ExperimentKind(models.TextChoices):
    SEGMENTATION = "segmentation", "Segmentation"
    CLASSIFICATION = "classification", "TP53 models"
    CLUSTERING = "clustering", "Clusters"
    STATISTICS = "statistics", "Statistics"
    SUMMARY = "summary", "Cohort summary"
    AGREEMENT = "agreement", "Agreement of the readers"


class Experiment(Identified):
    """One analysis, made by one job, of one frozen dataset (a summary may stand on the cohort as it is)."""

    cohort = models.ForeignKey(Cohort, on_delete=models.CASCADE, related_name="experiments")
    dataset_version = models.ForeignKey(
        DatasetVersion, null=True, blank=True, on_delete=models.PROTECT, related_name="experiments"
    )
    kind = models.CharField(max_length=20, choices=ExperimentKind.choices)
    job = models.OneToOneField(Job, null=True, blank=True, on_delete=models.PROTECT, related_name="experiment")
    based_on = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="derived")
    settings = models.JSONField(default=dict)
    results = models.JSONField(default=dict)
    seed = models.IntegerField(default=0)
    # The dataset's version of the protocol; without a dataset the one that was in force.
    protocol_number = models.PositiveIntegerField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.created_at:%Y-%m-%d %H:%M}"


class Run(Identified):
    """One training: a model in one fold, or its final test (fold null)."""

    experiment = models.ForeignKey(Experiment, on_delete=models.CASCADE, related_name="runs")
    model_name = models.CharField(max_length=40)
    fold = models.PositiveSmallIntegerField(null=True, blank=True)
    n = models.PositiveIntegerField()
    metrics = models.JSONField(default=dict)
    curves = models.JSONField(default=dict)
    confusion_matrix = models.JSONField(default=dict)

    class Meta:
        ordering = ["model_name", "fold"]
        constraints = [
            models.UniqueConstraint(
                fields=["experiment", "model_name", "fold"], name="run_once_per_fold", nulls_distinct=False
            )
        ]


class ModelVersion(Identified):
    """The files of a trained model, by hash. Loaded only if the hashes still fit."""

    class State(models.TextChoices):
        CANDIDATE = "candidate", "Candidate"
        ACTIVE = "active", "Active"
        ARCHIVED = "archived", "Archived"

    experiment = models.ForeignKey(Experiment, on_delete=models.CASCADE, related_name="models")
    name = models.CharField(max_length=40)
    number = models.PositiveIntegerField(default=1)
    state = models.CharField(max_length=20, choices=State.choices, default=State.CANDIDATE)
    files = models.JSONField(help_text="relative path → {key, sha256, size}")
    metrics = models.JSONField(default=dict)

    class Meta:
        ordering = ["-created_at"]
        constraints = [models.UniqueConstraint(fields=["experiment", "name"], name="model_once_per_experiment")]


class Prediction(models.Model):
    """The TP53 probability of one patient by one model; ``roi`` says whose ROI the features came from."""

    experiment = models.ForeignKey(Experiment, on_delete=models.CASCADE, related_name="predictions")
    model_name = models.CharField(max_length=40)
    patient = models.ForeignKey(Patient, on_delete=models.CASCADE, related_name="predictions")
    probability = models.FloatField()
    partition = models.CharField(max_length=20, choices=[("out_of_fold", "Out of fold"), ("test", "Test")])
    roi = models.CharField(max_length=20, default="consensus")

    objects = LimitedManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["experiment", "model_name", "patient", "roi"], name="one_prediction_per_model_and_patient"
            ),
            models.CheckConstraint(
                condition=models.Q(probability__gte=0, probability__lte=1), name="probability_is_a_probability"
            ),
        ]


class Figure(Identified):
    """A figure as it was made: one Vega-Lite declaration that serves the page and the publication file."""

    experiment = models.ForeignKey(Experiment, on_delete=models.CASCADE, related_name="figures")
    key = models.CharField(max_length=60)
    title = models.CharField(max_length=200)
    caption = models.TextField(blank=True)
    n = models.PositiveIntegerField(null=True)
    spec = models.JSONField()
    # The same declaration printed in dark ink on white; PDF and PNG are made from it when they are asked for.
    svg_key = models.CharField(max_length=200, blank=True)
    svg_sha256 = models.CharField(max_length=64, blank=True)

    class Meta:
        ordering = ["created_at"]
        constraints = [models.UniqueConstraint(fields=["experiment", "key"], name="figure_once_per_experiment")]
