"""Cohorts, their protocol and people, their patients under pseudonyms, and the frozen versions of their data."""

import secrets

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from backend.cohorts import clinical_words as words
from backend.cohorts.centre_models import Centre as Centre
from backend.cohorts.clinical_models import ClinicalMapping as ClinicalMapping
from backend.cohorts.clinical_models import ClinicalTable as ClinicalTable
from backend.cohorts.list_models import SavedView as SavedView
from backend.cohorts.withdrawal_models import Withdrawal as Withdrawal
from backend.core.centre_limit import LimitedManager
from backend.core.models import Identified


class CancerType(models.TextChoices):
    ENDOMETRIAL = "endometrial", "Endometrial"
    OVARIAN = "ovarian", "Ovarian"
    CERVICAL = "cervical", "Cervical"


class Role(models.TextChoices):
    COORDINATOR = "coordinator", "Study coordinator"
    READER = "reader", "Radiologist (reader)"
    ADJUDICATOR = "adjudicator", "Adjudicator"
    PATHOLOGIST = "pathologist", "Pathologist"
    ANALYST = "analyst", "Analyst"


def new_salt() -> str:
    return secrets.token_hex(32)


class Cohort(Identified):
    """A study's patients. Its salt and the platform's key make the pseudonyms and date shifts of its patients."""

    slug = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=120)
    description = models.TextField(blank=True)
    is_synthetic = models.BooleanField(default=False)
    pseudonym_salt = models.CharField(max_length=64, default=new_salt, editable=False)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Membership(Identified):
    """One role of one person in one cohort; a person may hold several.

    ``centre`` limits what the person sees to one centre's patients; all roles of a person in a cohort have the same.
    """

    cohort = models.ForeignKey(Cohort, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=20, choices=Role.choices)
    centre = models.ForeignKey(Centre, null=True, blank=True, on_delete=models.PROTECT, related_name="memberships")

    # The centre is a limit on the person, not whose the row is: who reads beside whom is for everybody to know.
    objects = models.Manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["cohort", "user", "role"], name="one_membership_per_role")]

    def __str__(self) -> str:
        return f"{self.user} as {self.get_role_display()} in {self.cohort}"


class ProtocolVersion(Identified):
    """What the study decided, as data (``rules``, read by cohorts/protocol.py); a change is a new version."""

    cohort = models.ForeignKey(Cohort, on_delete=models.CASCADE, related_name="protocol_versions")
    number = models.PositiveIntegerField()
    rules = models.JSONField()
    reason = models.TextField(blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["cohort", "number"], name="protocol_number_once_per_cohort")]

    def __str__(self) -> str:
        return f"Protocol v{self.number}"


class PatientState(models.TextChoices):
    SCREENED = "screened", "Screened"
    # All criteria are met, and a coordinator has still to include the patient (where the protocol asks for that).
    ELIGIBLE = "eligible", "Eligible"
    INCLUDED = "included", "Included"
    EXCLUDED = "excluded", "Excluded"
    WITHDRAWN = "withdrawn", "Withdrawn"


class Patient(Identified):
    """A person known here only by a pseudonym; who it is stays with the hospital."""

    cohort = models.ForeignKey(Cohort, on_delete=models.CASCADE, related_name="patients")
    pseudonym = models.CharField(max_length=40)
    centre = models.ForeignKey(Centre, null=True, blank=True, on_delete=models.PROTECT, related_name="patients")
    # Once in a test set, never in a training set of this cohort again, whatever the dataset version.
    ever_in_test_set = models.BooleanField(default=False)

    class Meta:
        ordering = ["pseudonym"]
        constraints = [models.UniqueConstraint(fields=["cohort", "pseudonym"], name="pseudonym_once_per_cohort")]

    def __str__(self) -> str:
        return self.pseudonym

    @property
    def centre_name(self) -> str:
        """The centre's name; empty where it is not known."""
        return self.centre.name if self.centre else ""


class Enrolment(Identified):
    """Where a patient stands in the study: the last word of the eligibility log."""

    patient = models.OneToOneField(Patient, on_delete=models.CASCADE, related_name="enrolment")
    state = models.CharField(max_length=20, choices=PatientState.choices, default=PatientState.SCREENED, db_index=True)
    reason = models.TextField(blank=True)
    updated_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return f"{self.patient} {self.state}"


class EligibilityDecision(Identified):
    """One entry of the eligibility log: each criterion met, not met or unknown, with its reason."""

    patient = models.ForeignKey(Patient, on_delete=models.CASCADE, related_name="eligibility_decisions")
    protocol = models.ForeignKey(ProtocolVersion, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=20, choices=PatientState.choices)
    criteria = models.JSONField(help_text="list of {code, title, outcome: met|not_met|unknown, reason}")
    # A person's word over the criteria; it holds until a person lifts it.
    is_override = models.BooleanField(default=False)
    reason = models.TextField(blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        ordering = ["-created_at"]


class Grade(models.TextChoices):
    WELL = "well", "Well differentiated"
    MODERATE = "moderate", "Moderately differentiated"
    POOR = "poor", "Poorly differentiated"


class ClinicalRecord(Identified):
    """What is known of a patient at one time; a correction is a new record and the newest counts.

    Dates are shifted by the patient's own offset, the same as the images'.
    """

    patient = models.ForeignKey(Patient, on_delete=models.CASCADE, related_name="clinical_records")
    cancer_type = models.CharField(max_length=20, choices=CancerType.choices, blank=True)
    age_years = models.FloatField(null=True, blank=True, validators=[MinValueValidator(0), MaxValueValidator(120)])
    height_cm = models.FloatField(null=True, blank=True, validators=[MinValueValidator(50), MaxValueValidator(250)])
    weight_kg = models.FloatField(null=True, blank=True, validators=[MinValueValidator(20), MaxValueValidator(400)])
    bmi_kg_m2 = models.FloatField(null=True, blank=True, validators=[MinValueValidator(8), MaxValueValidator(100)])
    figo_stage = models.CharField(max_length=20, validators=[words.validate_figo_stage], blank=True)
    figo_edition = models.CharField(max_length=20, choices=words.FigoEdition.choices, blank=True)
    figo_stage_source = models.CharField(max_length=20, choices=words.Source.choices, blank=True)
    lymph_node_metastasis = models.BooleanField(null=True, blank=True)
    lymph_node_source = models.CharField(max_length=20, choices=words.Source.choices, blank=True)
    grade = models.CharField(max_length=20, choices=Grade.choices, blank=True)
    grade_source = models.CharField(max_length=20, choices=words.Source.choices, blank=True)
    tnm_t = models.CharField(max_length=12, validators=[words.validate_tnm_t], blank=True)
    tnm_n = models.CharField(max_length=12, validators=[words.validate_tnm_n], blank=True)
    tnm_m = models.CharField(max_length=12, validators=[words.validate_tnm_m], blank=True)
    histotype = models.CharField(max_length=80, choices=words.Histotype.choices, blank=True)
    hpv_status = models.CharField(max_length=20, choices=words.HpvStatus.choices, blank=True)
    hpv_genotypes = models.CharField(max_length=60, validators=[words.validate_hpv_genotypes], blank=True)
    first_admission_date = models.DateField(null=True, blank=True)
    pet_date = models.DateField(null=True, blank=True)
    biopsy_date = models.DateField(null=True, blank=True)
    surgery_date = models.DateField(null=True, blank=True)
    chemotherapy_start_date = models.DateField(null=True, blank=True)
    radiotherapy_start_date = models.DateField(null=True, blank=True)
    biopsy_confirmed = models.BooleanField(null=True, blank=True)
    treated_before_pet = models.BooleanField(null=True, blank=True)
    developmental_abnormality = models.BooleanField(null=True, blank=True)
    gynaecological_history = models.BooleanField(null=True, blank=True)
    secondary_tumour = models.BooleanField(null=True, blank=True)
    other_tumour_history = models.BooleanField(null=True, blank=True)
    fasting_hours = models.FloatField(null=True, blank=True, validators=[MinValueValidator(0), MaxValueValidator(72)])
    glucose_mmol_l = models.FloatField(null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(40)])
    source = models.CharField(max_length=20, default="form")
    reason = models.TextField(blank=True)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        ordering = ["-created_at"]
        get_latest_by = "created_at"


class DatasetVersion(Identified):
    """A frozen dataset: patients, labels with their rule, masks, features and split, each by hash. Never changed."""

    cohort = models.ForeignKey(Cohort, on_delete=models.CASCADE, related_name="dataset_versions")
    number = models.PositiveIntegerField()
    protocol = models.ForeignKey(ProtocolVersion, on_delete=models.PROTECT, related_name="+")
    label_rule = models.JSONField()
    split_settings = models.JSONField()
    warnings = models.JSONField(default=list)
    sha256 = models.CharField(max_length=64)
    frozen_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["cohort", "number"], name="dataset_number_once_per_cohort")]

    def __str__(self) -> str:
        return f"Dataset v{self.number}"


class DatasetMember(models.Model):
    """One patient of a frozen dataset. ``fold`` is null for the sealed test set."""

    dataset_version = models.ForeignKey(DatasetVersion, on_delete=models.CASCADE, related_name="members")
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="dataset_memberships")
    case_uuid = models.UUIDField()
    cancer_type = models.CharField(max_length=20, choices=CancerType.choices, blank=True)
    tp53_mutated = models.BooleanField(null=True)
    fold = models.PositiveSmallIntegerField(null=True, blank=True)
    # Named by identifier and hash: masks and feature sets live in apps above this one.
    consensus_uuid = models.UUIDField(null=True)
    mask_sha256 = models.CharField(max_length=64, blank=True)
    feature_sets = models.JSONField(default=dict, help_text="source → {id, sha256} or {reason}")
    clinical = models.JSONField(default=dict)
    # A tombstone: the patient withdrew, and every value above was erased.
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    objects = LimitedManager()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["dataset_version", "patient"], name="patient_once_per_dataset"),
            # Folds are 0..9; null is the test set. A patient in both would leak.
            models.CheckConstraint(condition=Q(fold__isnull=True) | Q(fold__lt=10), name="fold_is_small"),
        ]

    @property
    def in_test_set(self) -> bool:
        return self.fold is None
