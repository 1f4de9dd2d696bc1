"""Questions about deliveries, what became of their files, and the series that came of them."""

from collections.abc import Iterable
from uuid import UUID

from django.db.models import Case, CharField, Count, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Cast, Coalesce

from backend.cohorts.models import Cohort, Patient
from backend.core.errors import NotFound
from backend.imaging.acquisition import ANNOTATIONS
from backend.imaging.models import Case as ReadingCase
from backend.imaging.models import ImagingStudy, ImportedFile, Instance, QcFinding, Series, Upload
from backend.jobs.models import Job, JobKind

# Regions that came with the images are readings: their own page shows them, to whom it may.
IMAGE_MODALITIES = ("CT", "PT", "MR")
RECEIVING, DISCARDED = "receiving", "discarded"
UPLOAD_STATES = {
    RECEIVING: "Receiving files",
    "queued": "Waiting",
    "running": "Importing",
    "succeeded": "Imported",
    "failed": "Failed",
    "cancelled": "Cancelled",
    DISCARDED: "Discarded",
}


def uploads_of(cohort: Cohort) -> QuerySet[Upload]:
    """Deliveries, newest first, with ``job_id`` of their newest import and ``state`` (a key of ``UPLOAD_STATES``)."""
    jobs = Job.objects.filter(kind=JobKind.IMPORT_DICOM, subject_id=Cast(OuterRef("pk"), CharField()))
    newest = jobs.order_by("-created_at")
    waiting = Case(When(staging_folder="", then=Value(DISCARDED)), default=Value(RECEIVING), output_field=CharField())
    return (
        Upload.objects.filter(cohort=cohort)
        .annotate(job_id=Subquery(newest.values("pk")[:1]))
        .annotate(state=Coalesce(Subquery(newest.values("state")[:1]), waiting))
        .select_related("uploaded_by", "centre")
        .order_by("-created_at")
    )


def find_upload(cohort: Cohort, upload_id: UUID) -> Upload:
    """One delivery of the cohort as ``uploads_of`` shows it. Raises NotFound."""
    upload = uploads_of(cohort).filter(pk=upload_id).first()
    if upload is None:
        raise NotFound("There is no such delivery in this cohort.")
    return upload


def outcome_counts(uploads: Iterable[Upload]) -> dict[UUID, dict[str, int]]:
    """For each delivery how many of its files had each outcome, in one query."""
    counts: dict[UUID, dict[str, int]] = {
        upload.pk: dict.fromkeys(ImportedFile.Outcome.values, 0) for upload in uploads
    }
    rows = ImportedFile.objects.filter(upload__in=counts).order_by().values_list("upload", "outcome")
    for upload_id, outcome, number in rows.annotate(number=Count("pk")):
        counts[upload_id][outcome] = number
    return counts


def patients_of(upload: Upload) -> QuerySet[Patient]:
    """The patients whose images were in a delivery."""
    delivered = upload.files.exclude(sop_instance_uid="").values("sop_instance_uid")
    series = Instance.objects.filter(
        sop_instance_uid__in=delivered, series__study__patient__cohort=upload.cohort_id
    ).values("series__study__patient")
    return Patient.objects.filter(pk__in=series).order_by("pseudonym")


def cases_of(upload: Upload) -> QuerySet[ReadingCase]:
    """The cases of the patients of a delivery."""
    return ReadingCase.objects.filter(patient__in=patients_of(upload))


def series_of(cohort: Cohort) -> QuerySet[Series]:
    """The cohort's image series with instances counted, doses in MBq, uptake in minutes, by patient."""
    return (
        Series.objects.filter(study__patient__cohort=cohort, modality__in=IMAGE_MODALITIES)
        .select_related("study__patient__centre", "volume", "pet_acquisition")
        .annotate(**ANNOTATIONS)
        .annotate(
            instance_count=Coalesce(_count(Instance.objects.filter(series=OuterRef("pk")), "series"), 0),
            finding_count=Coalesce(_count(QcFinding.objects.filter(series=OuterRef("pk")), "series"), 0),
        )
        .order_by("study__patient__pseudonym", "study__study_date", "modality", "series_number", "pk")
    )


def modalities_by_patient(patients: list[Patient]) -> dict[UUID, frozenset[str]]:
    """The modalities of each patient's image series, in one query."""
    rows = Series.objects.filter(study__patient__in=patients).values_list("study__patient", "modality").distinct()
    found: dict[UUID, set[str]] = {}
    for patient_id, modality in rows:
        found.setdefault(patient_id, set()).add(modality)
    return {patient_id: frozenset(modalities) for patient_id, modalities in found.items()}


def _count(rows: QuerySet, by: str) -> Subquery:
    return Subquery(rows.order_by().values(by).annotate(number=Count("pk")).values("number"))


def findings_of(series: Iterable[Series]) -> dict[UUID, list[QcFinding]]:
    """The findings of each series, in one query."""
    found: dict[UUID, list[QcFinding]] = {row.pk: [] for row in series}
    for finding in QcFinding.objects.filter(series__in=found):
        found[finding.series_id].append(finding)
    return found


def studies_of(cohort: Cohort) -> QuerySet[ImagingStudy]:
    """The cohort's imaging studies with their image series counted, by patient."""
    images = Q(series__modality__in=IMAGE_MODALITIES)
    return (
        ImagingStudy.objects.filter(patient__cohort=cohort)
        .select_related("patient__centre")
        .annotate(series_count=Count("series", filter=images))
        .order_by("patient__pseudonym", "study_date", "pk")
    )
