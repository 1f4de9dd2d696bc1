"""Who reads which case, every mask that was ever drawn, what was handed in, and what the team settled on."""

from django.conf import settings
from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Exists, OuterRef, Q

from backend.annotations.comment_models import Comment as Comment
from backend.annotations.comment_models import CommentMention as CommentMention
from backend.annotations.comment_models import CommentRetraction as CommentRetraction
from backend.annotations.team_models import AssignmentRound as AssignmentRound
from backend.annotations.team_models import Presence as Presence
from backend.core.centre_limit import LimitedManager
from backend.core.models import Identified
from backend.imaging.models import Case, Series


class Target(models.TextChoices):
    TUMOUR = "tumour", "Tumour"
    BAT = "bat", "Brown fat"


class Outcome(models.TextChoices):
    LESIONS = "lesions", "Drawn"
    NO_AVID_TUMOUR = "no_avid_tumour", "No avid tumour"
    NOT_EVALUABLE = "not_evaluable", "Not evaluable"


class AssignmentQuerySet(models.QuerySet):
    def handed_in(self) -> "AssignmentQuerySet":
        """Those with a reading that was not withdrawn since."""
        return self.filter(handed_in())

    def to_read(self) -> "AssignmentQuerySet":
        """Those that their reader has still to hand in, for the first time or again."""
        return self.filter(~handed_in())


def handed_in() -> Exists:
    """Whether an assignment has a standing reading, as a condition for queries."""
    return Exists(Reading.objects.standing().filter(assignment=OuterRef("pk")))


class Purpose(models.TextChoices):
    READING = "reading", "Reading"
    ADJUDICATION = "adjudication", "Adjudication"


class ReadingAssignments(LimitedManager.from_queryset(AssignmentQuerySet)):
    def get_queryset(self) -> AssignmentQuerySet:
        return super().get_queryset().filter(purpose=Purpose.READING, withdrawn_at__isnull=True)


class Assignment(Identified):
    """A case given to a reader, or taken up by an adjudicator. ``position`` is the reader's own shuffled order.

    An adjudication is drawn and saved like a reading, but blinds nobody and stands in no worklist, progress or list of
    readers. A case that was taken back keeps its row, and with it every revision that was drawn. So ``objects`` holds
    the readings that stand alone, and who means all says ``every_purpose``.
    """

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="assignments")
    reader = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="assignments")
    target = models.CharField(max_length=10, choices=Target.choices, default=Target.TUMOUR)
    position = models.PositiveIntegerField(default=0)
    due_on = models.DateField(null=True, blank=True)
    assigned_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    opened_at = models.DateTimeField(null=True, blank=True)
    purpose = models.CharField(max_length=20, choices=Purpose.choices, default=Purpose.READING)
    round = models.ForeignKey(
        AssignmentRound, null=True, blank=True, on_delete=models.PROTECT, related_name="assignments"
    )
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    # The first is Django's own choice: what follows a foreign key must find every row.
    every_purpose = LimitedManager.from_queryset(AssignmentQuerySet)()
    objects = ReadingAssignments()

    class Meta:
        ordering = ["position", "created_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["case", "reader", "target", "purpose"], name="case_once_per_reader_and_purpose"
            )
        ]


class MaskSource(models.TextChoices):
    DRAWN = "drawn", "Drawn"
    IMPORTED = "imported", "Imported"
    BAT_RULE = "bat_rule", "BAT rule"
    NNUNET = "nnunet", "nnU-Net"
    CONSENSUS = "consensus", "Consensus"
    # Not a region but votes: how many readers drew a voxel, where they differ.
    DISAGREEMENT = "disagreement", "Where readers differ"


class Mask(Identified):
    """One revision of a labelmap on the grid it was drawn on. Never changed; a change names its parent."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="masks")
    target = models.CharField(max_length=10, choices=Target.choices)
    source = models.CharField(max_length=20, choices=MaskSource.choices)
    assignment = models.ForeignKey(Assignment, null=True, blank=True, on_delete=models.CASCADE, related_name="masks")
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="children")
    # The second parent, where a reader made one out of two revisions.
    merged = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="merged_into")
    proposal = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    number = models.PositiveIntegerField(default=1)
    is_branch = models.BooleanField(default=False)
    # The browser's own name for a save: a save that is sent twice is kept once.
    client_key = models.UUIDField(null=True, blank=True)
    grid = models.CharField(max_length=3, choices=[("pet", "PET"), ("ct", "CT")])
    geometry = models.JSONField(help_text="compute.types.Geometry.to_json()")
    storage_key = models.CharField(max_length=200, help_text="uint8 labelmap, z-major, gzip")
    sha256 = models.CharField(max_length=64, help_text="of the uncompressed labelmap")
    voxel_count = models.PositiveIntegerField()
    volume_ml = models.FloatField()
    lesions = models.JSONField(default=list, help_text="list of {label, name, role, site}")
    # The model that proposed it, and the fold kept from it, where the source is nnU-Net.
    model_uuid = models.UUIDField(null=True, blank=True)
    provenance = models.JSONField(default=dict)

    class Meta:
        ordering = ["-created_at"]
        indexes = [models.Index(fields=["case", "target", "source", "-created_at"], name="mask_newest_of_source")]
        constraints = [
            models.UniqueConstraint(
                fields=["assignment", "client_key"], name="save_kept_once", condition=Q(client_key__isnull=False)
            )
        ]

    @property
    def is_drawn_on(self) -> bool:
        """Whether a later revision stands on this one, as its parent or as the other side of a merge."""
        return self.children.exists() or self.merged_into.exists()


class ReadingQuerySet(models.QuerySet):
    def standing(self) -> "ReadingQuerySet":
        """Those that count: handed in and not withdrawn."""
        return self.filter(withdrawal__isnull=True)


class Reading(Identified):
    """What a reader handed in: an outcome and, where something was drawn, the frozen mask. Never changed.

    A reading that was unlocked stays as a row; its ``ReadingWithdrawal`` says that it counts no longer. A
    reading without a reader came with the images (an ROI from another program) and names where it came from.
    """

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="readings")
    target = models.CharField(max_length=10, choices=Target.choices)
    assignment = models.ForeignKey(Assignment, null=True, blank=True, on_delete=models.CASCADE, related_name="readings")
    reader = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    origin = models.CharField(max_length=120, blank=True)
    mask = models.ForeignKey(Mask, null=True, blank=True, on_delete=models.PROTECT, related_name="readings")
    # Of the voxels as they were handed in; the file can be held against it at any time.
    mask_sha256 = models.CharField(max_length=64, blank=True)
    outcome = models.CharField(max_length=20, choices=Outcome.choices)
    reason = models.TextField(blank=True)
    statistics = models.JSONField(default=dict, help_text="SUVmax, SUVpeak, MTV, TLG on the native PET grid")

    objects = LimitedManager.from_queryset(ReadingQuerySet)()

    class Meta:
        ordering = ["created_at"]
        constraints = [
            # "Drawn" without a mask, or a mask handed in as "nothing there", would be a contradiction.
            models.CheckConstraint(
                condition=(Q(outcome="lesions") & Q(mask__isnull=False))
                | (~Q(outcome="lesions") & Q(mask__isnull=True)),
                name="reading_outcome_fits_its_mask",
            ),
        ]


class ReadingWithdrawal(Identified):
    """A coordinator unlocked a reading: it counts no longer, and its reader hands in another. Never changed."""

    reading = models.OneToOneField(Reading, on_delete=models.CASCADE, related_name="withdrawal")
    withdrawn_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    reason = models.TextField()

    def __str__(self) -> str:
        return f"Withdrawal of {self.reading_id}"


class ReadingSession(Identified):
    """One visit of a reader to an assignment and how long the reader was at work in it."""

    assignment = models.ForeignKey(Assignment, on_delete=models.CASCADE, related_name="sessions")
    # The browser's own name for the visit: what it sends again only replaces what it sent before.
    client_key = models.UUIDField()
    active_seconds = models.PositiveIntegerField(default=0)
    last_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["assignment", "client_key"], name="visit_counted_once")]

    def __str__(self) -> str:
        return f"{self.active_seconds} s of {self.assignment_id}"


class ProposalRejection(Identified):
    """A reader did not agree with what a program proposed. Never changed."""

    proposal = models.ForeignKey(Mask, on_delete=models.CASCADE, related_name="rejections")
    assignment = models.ForeignKey(Assignment, on_delete=models.CASCADE, related_name="rejections")
    rejected_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["created_at"]
        constraints = [models.UniqueConstraint(fields=["proposal", "assignment"], name="proposal_rejected_once")]

    def __str__(self) -> str:
        return f"Rejection of {self.proposal_id}"


class ProposalUse(Identified):
    """The proposal that went into a reading and what its reader changed, voxel by voxel. Never changed."""

    reading = models.OneToOneField(Reading, on_delete=models.CASCADE, related_name="proposal_use")
    proposal = models.ForeignKey(Mask, on_delete=models.PROTECT, related_name="uses")
    voxels_proposed = models.PositiveIntegerField()
    voxels_added = models.PositiveIntegerField()
    voxels_removed = models.PositiveIntegerField()
    dice = models.FloatField(help_text="of all that was drawn and all that was proposed, on the PET grid")

    def __str__(self) -> str:
        return f"Use of {self.proposal_id} in {self.reading_id}"

    @property
    def is_unchanged(self) -> bool:
        return self.voxels_added == 0 and self.voxels_removed == 0


class ReadingMeasurement(Identified):
    """What a worker measured in a reading's mask on the native PET grid. The reading itself is never changed."""

    reading = models.OneToOneField(Reading, on_delete=models.CASCADE, related_name="measurement")
    whole = models.JSONField(default=dict, help_text="worker.compute.uptake.LesionUptake of everything drawn")
    lesions = models.JSONField(default=list, help_text="the same for each lesion, with its label, name, role and site")
    problem = models.TextField(blank=True)

    def __str__(self) -> str:
        return f"Uptake of {self.reading_id}"


class RoiCandidate(Identified):
    """A structure that came with the images (RTSTRUCT or SEG); a person says which becomes a reading."""

    class State(models.TextChoices):
        OPEN = "open", "To be decided"
        CHOSEN = "chosen", "Chosen"
        DISMISSED = "dismissed", "Not used"

    series = models.ForeignKey(Series, on_delete=models.CASCADE, related_name="roi_candidates")
    case = models.ForeignKey(Case, null=True, on_delete=models.CASCADE, related_name="roi_candidates")
    roi_name = models.CharField(max_length=120)
    # The name without its modality, so that the PET and the CT contour of one lesion find each other.
    lesion_name = models.CharField(max_length=120)
    roi_number = models.IntegerField()
    drawn_on = models.CharField(max_length=3, choices=[("pet", "PET"), ("ct", "CT")])
    volume_ml = models.FloatField(null=True)
    state = models.CharField(max_length=20, choices=State.choices, default=State.OPEN)
    mask = models.ForeignKey(Mask, null=True, on_delete=models.PROTECT, related_name="+")
    problem = models.TextField(blank=True)

    class Meta:
        ordering = ["roi_name", "drawn_on"]
        constraints = [models.UniqueConstraint(fields=["series", "roi_number"], name="roi_once_per_structure_set")]


class ConsensusQuerySet(models.QuerySet):
    def standing(self) -> "ConsensusQuerySet":
        """Those that nobody reopened and none of whose readings was withdrawn since; the others are superseded."""
        withdrawn = ReadingWithdrawal.objects.filter(reading__case=OuterRef("case")).values("reading")
        return self.filter(~Q(reading_ids__overlap=ArraySubquery(withdrawn)), reopening__isnull=True)


class Consensus(Identified):
    """What a case's ROI is taken to be: computed from readings, signed by a person. The newest that stands counts.

    ``majority``, ``staple`` and ``disagreement`` are what an adjudicator is offered; ``mask`` is the one that the
    protocol takes by itself, or what was signed. A signed one names the automatic one that the adjudicator had.
    """

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="consensuses")
    target = models.CharField(max_length=10, choices=Target.choices)
    method = models.CharField(
        max_length=20,
        choices=[
            ("majority", "Strict majority"),
            ("staple", "STAPLE"),
            ("single", "Single reading"),
            ("rule", "BAT rule, unsigned"),
            ("signed", "Signed by a person"),
        ],
    )
    outcome = models.CharField(max_length=20, choices=Outcome.choices)
    mask = models.ForeignKey(Mask, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    reading_ids = ArrayField(models.UUIDField(), default=list)
    tie_voxels = models.PositiveIntegerField(default=0)
    agreement = models.JSONField(default=dict)
    is_signed = models.BooleanField(default=False)
    signed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    reason = models.TextField(blank=True)
    statistics = models.JSONField(default=dict)
    majority = models.ForeignKey(Mask, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    staple = models.ForeignKey(Mask, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    disagreement = models.ForeignKey(Mask, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    assignment = models.ForeignKey(
        Assignment, null=True, blank=True, on_delete=models.CASCADE, related_name="consensuses"
    )
    automatic = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    differs_from_automatic = models.BooleanField(default=False)
    # The version of the protocol that was in force; null for what was recorded before it was kept.
    protocol_number = models.PositiveIntegerField(null=True, blank=True)

    objects = LimitedManager.from_queryset(ConsensusQuerySet)()

    class Meta:
        ordering = ["-created_at"]

    @property
    def uptake(self) -> dict:
        """SUVmax, SUVpeak, MTV and TLG on the native PET grid; of a drawn mask once the worker has measured it."""
        measurement = getattr(self, "measurement", None)
        return measurement.whole if measurement else self.statistics


class ConsensusReopening(Identified):
    """A person took back the signature under a consensus: it counts no longer. Never changed."""

    consensus = models.OneToOneField(Consensus, on_delete=models.CASCADE, related_name="reopening")
    reopened_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    reason = models.TextField()

    def __str__(self) -> str:
        return f"Reopening of {self.consensus_id}"


class ConsensusMeasurement(Identified):
    """What a worker measured in a signed mask on the native PET grid. The consensus itself is never changed."""

    consensus = models.OneToOneField(Consensus, on_delete=models.CASCADE, related_name="measurement")
    whole = models.JSONField(default=dict, help_text="worker.compute.uptake.LesionUptake of everything drawn")
    problem = models.TextField(blank=True)

    def __str__(self) -> str:
        return f"Uptake of {self.consensus_id}"
