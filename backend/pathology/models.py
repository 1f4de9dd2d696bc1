"""Specimens, their photographs and the p53 reads that the TP53 label comes from."""

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from backend.cohorts.models import Patient
from backend.core.models import Identified


class Specimen(Identified):
    """Tissue of one patient, from biopsy or surgery."""

    patient = models.ForeignKey(Patient, on_delete=models.CASCADE, related_name="specimens")
    kind = models.CharField(max_length=20, choices=[("biopsy", "Biopsy"), ("surgery", "Surgery")], default="biopsy")
    collected_on = models.DateField(null=True, blank=True, help_text="shifted by the patient's offset")

    def __str__(self) -> str:
        return f"{self.get_kind_display()} of {self.patient}"


class SlidePhotograph(Identified):
    """A photograph of a stained slide, re-encoded so that neither EXIF nor a label strip survives."""

    class Stain(models.TextChoices):
        HE = "he", "H&E"
        P53_IHC = "p53_ihc", "p53 IHC"

    specimen = models.ForeignKey(Specimen, on_delete=models.CASCADE, related_name="photographs")
    stain = models.CharField(max_length=10, choices=Stain.choices)
    # The whole picture; of a whole-slide file an overview.
    storage_key = models.CharField(max_length=200)
    thumbnail_key = models.CharField(max_length=200)
    # The pyramid of tiles that the viewer zooms in (backend/pathology/tiles.py).
    tiles_key = models.CharField(max_length=200, blank=True)
    sha256 = models.CharField(max_length=64)
    width_px = models.PositiveIntegerField()
    height_px = models.PositiveIntegerField()
    um_per_px = models.FloatField(null=True, blank=True, help_text="micrometres per pixel, where the file says so")
    is_whole_slide = models.BooleanField(default=False)
    blanked_areas = models.PositiveSmallIntegerField(default=0)
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    # An erased photograph stays as a row without its pictures, so that what stood on it can say so.
    erased_at = models.DateTimeField(null=True, blank=True)
    erase_reason = models.TextField(blank=True)

    @property
    def file_keys(self) -> list[str]:
        """Every stored file of it."""
        return [key for key in (self.storage_key, self.thumbnail_key, self.tiles_key) if key]


class P53Pattern(models.TextChoices):
    WILD_TYPE = "wild_type", "Wild-type"
    OVEREXPRESSION = "overexpression", "Overexpression (strong in ≥ 80 % of nuclei)"
    NULL = "null", "Null (none, internal control positive)"
    CYTOPLASMIC = "cytoplasmic", "Cytoplasmic"
    SUBCLONAL = "subclonal", "Subclonal"


class IhcRead(Identified):
    """One signed reading of a p53 stain. Never changed: a correction supersedes it, and the newest counts."""

    specimen = models.ForeignKey(Specimen, on_delete=models.CASCADE, related_name="ihc_reads")
    reader = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    percent_stained = models.FloatField(validators=[MinValueValidator(0), MaxValueValidator(100)])
    intensity = models.CharField(
        max_length=10,
        blank=True,
        choices=[("none", "None"), ("weak", "Weak"), ("moderate", "Moderate"), ("strong", "Strong")],
    )
    pattern = models.CharField(max_length=20, choices=P53Pattern.choices, blank=True)
    internal_control_present = models.BooleanField(null=True, blank=True)
    comment = models.TextField(blank=True)
    source = models.CharField(max_length=20, default="form")
    # The count that the reader had asked for and seen when this was signed; the percentage is the reader's own.
    proposal = models.ForeignKey(
        "IhcProposal", null=True, blank=True, on_delete=models.PROTECT, related_name="considered_by"
    )
    supersedes = models.OneToOneField(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="superseded_by"
    )

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            # Nothing stained and no internal control: the stain may have failed, which is no null pattern.
            models.CheckConstraint(
                condition=~Q(pattern="null") | Q(internal_control_present=True), name="null_pattern_has_a_control"
            ),
            models.CheckConstraint(
                condition=Q(percent_stained__gte=0, percent_stained__lte=100), name="percent_stained_is_a_percentage"
            ),
        ]

    @property
    def pattern_name(self) -> str:
        """The pattern without the definition that its label carries."""
        return self.get_pattern_display().partition(" (")[0]


class IhcProposal(Identified):
    """What a job counted in a region of a photograph that a person drew: a proposal, never a read."""

    photograph = models.ForeignKey(SlidePhotograph, on_delete=models.PROTECT, related_name="proposals")
    region_xy = models.JSONField(help_text="corners of the polygon in pixels of the photograph")
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    percent_positive = models.FloatField()
    nuclei = models.PositiveIntegerField()
    positive = models.PositiveIntegerField()
    # Intensities, threshold, radius, method with its version and warnings; without outlines.
    results = models.JSONField(default=dict)
    outlines_key = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(percent_positive__gte=0, percent_positive__lte=100), name="proposal_is_a_percentage"
            ),
        ]


class SequencingResult(Identified):
    """TP53 by sequencing, where it was done: a third source beside the two label rules. Never changed, like a read."""

    class Outcome(models.TextChoices):
        MUTATED = "mutated", "Mutated"
        WILD_TYPE = "wild_type", "Wild-type"
        FAILED = "failed", "Failed or not evaluable"

    patient = models.ForeignKey(Patient, on_delete=models.CASCADE, related_name="sequencing_results")
    outcome = models.CharField(max_length=20, choices=Outcome.choices)
    variant = models.CharField(max_length=120, blank=True, help_text="HGVS, for example NM_000546.6:c.524G>A")
    method = models.CharField(max_length=120, blank=True)
    comment = models.TextField(blank=True)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    supersedes = models.OneToOneField(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="superseded_by"
    )

    class Meta:
        ordering = ["-created_at"]

    @property
    def mutated(self) -> bool | None:
        """None where it failed."""
        return None if self.outcome == self.Outcome.FAILED else self.outcome == self.Outcome.MUTATED
