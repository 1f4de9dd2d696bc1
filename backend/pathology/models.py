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
    storage_key = models.CharField(max_length=200)
    thumbnail_key = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    width_px = models.PositiveIntegerField()
    height_px = models.PositiveIntegerField()
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")


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
    supersedes = models.OneToOneField(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="superseded_by"
    )

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(percent_stained__gte=0, percent_stained__lte=100), name="percent_stained_is_a_percentage"
            ),
        ]

    @property
    def pattern_name(self) -> str:
        """The pattern without the definition that its label carries."""
        return self.get_pattern_display().partition(" (")[0]
