"""Feature recipes and the feature sets extracted by them."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone

from backend.annotations.models import Consensus, Mask
from backend.core.models import Identified
from backend.imaging.models import Case


class Source(models.TextChoices):
    """The paper's four sources of features."""

    TUMOUR_CT = "tumour_ct", "Tumour CT"
    TUMOUR_PET = "tumour_pet", "Tumour PET"
    BAT_CT = "bat_ct", "BAT CT"
    BAT_PET = "bat_pet", "BAT PET"


class Recipe(Identified):
    """The parameters of an extraction, with the names of the values that it yields, in order."""

    name = models.CharField(max_length=40)
    settings = models.JSONField()
    sha256 = models.CharField(max_length=64, unique=True)
    feature_names = ArrayField(models.CharField(max_length=120))

    def __str__(self) -> str:
        return f"{self.name} {self.sha256[:8]}"


class FeatureSet(Identified):
    """The features of one case from one source, or the sentence that says why there can be none."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="feature_sets")
    source = models.CharField(max_length=20, choices=Source.choices)
    # "consensus" is what the models are trained on; "automatic" is the segmenter's own ROI.
    roi = models.CharField(
        max_length=20, choices=[("consensus", "Consensus ROI"), ("automatic", "Automatic ROI")], default="consensus"
    )
    recipe = models.ForeignKey(Recipe, on_delete=models.PROTECT, related_name="feature_sets")
    mask = models.ForeignKey(Mask, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    consensus = models.ForeignKey(Consensus, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    inputs_sha256 = models.CharField(max_length=64)
    values = ArrayField(models.FloatField(), null=True, blank=True)
    sha256 = models.CharField(max_length=64, blank=True)
    reason = models.TextField(blank=True)
    warnings = models.JSONField(default=list)
    is_unsigned_rule = models.BooleanField(default=False)
    # The analysis grid that the protocol asked for; null for what was extracted before it was kept.
    crop_xy_voxels = models.PositiveIntegerField(null=True, blank=True)
    # The version of the protocol that was in force; null for what was recorded before it was kept.
    protocol_number = models.PositiveIntegerField(null=True, blank=True)
    # When these inputs were last asked for: after a consensus went back to an older mask, the older row counts again.
    recorded_at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        ordering = ["-recorded_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["case", "source", "roi", "inputs_sha256"], name="feature_set_once_per_inputs"
            ),
            # A failure is never a number, and a number never comes with an excuse.
            models.CheckConstraint(
                condition=(Q(values__isnull=False) & Q(reason="")) | (Q(values__isnull=True) & ~Q(reason="")),
                name="features_or_the_reason_why_not",
            ),
        ]

    @property
    def is_unsigned_consensus(self) -> bool:
        """Whether the tumour is an automatic consensus that no person has signed."""
        return bool(self.roi == "consensus" and self.consensus and not self.consensus.is_signed)
