"""Recording an import: instances under their studies and series, and what became of every delivered file."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from backend.accounts.models import User
from backend.audit.services import record_audit
from backend.cohorts.centres import set_centre
from backend.cohorts.models import Cohort, Patient, PatientState
from backend.cohorts.services import meet_patient
from backend.core.errors import Conflict
from backend.core.storage import StoredFile, store_bytes
from backend.imaging.models import ImagingStudy, ImportedFile, Instance, Series, Upload
from backend.jobs.models import Job, JobKind
from backend.jobs.services import ensure_job

_BATCH = 2000


@dataclass(frozen=True, kw_only=True)
class StoredInstance:
    """An instance whose file is in the storage and whose row is still to be written."""

    summary: Any  # worker.compute.instances.InstanceSummary
    file: StoredFile


def store_instance(cohort: Cohort, summary: Any, content: bytes) -> StoredInstance:
    """Keeps the de-identified file under its patient's folder. Doing it again changes nothing."""
    folder = f"{cohort.pk}/{summary.pseudonym}/dicom"
    return StoredInstance(summary=summary, file=store_bytes(content, folder=folder, suffix=".dcm"))


def record_import(*, upload: Upload, stored: Iterable[StoredInstance], outcomes: Iterable[dict]) -> dict[str, int]:
    """Writes instances, and one ImportedFile per delivered file; queues the volumes of every study that grew.

    ``outcomes`` are {ordinal, outcome, reason, sop_instance_uid}. Must run inside ``completing``.
    """
    known, grown = set(), {}
    for instances in _by_series(stored):
        series = _series_of(upload, instances[0].summary)
        there = _record_instances(series, instances)
        known |= there
        if len(there) < len(instances):
            grown[series.study.pk] = series.study
    counts = _record_outcomes(upload, outcomes, known)
    record_audit(
        action="upload.import", subject=upload, actor=upload.uploaded_by, cohort_uuid=upload.cohort_id, after=counts
    )
    for study in sorted(grown.values(), key=lambda grew: grew.patient.pseudonym):
        enqueue_volumes(study)
    return counts


def enqueue_volumes(study: ImagingStudy, *, actor: User | None = None) -> Job:
    """Queues the building of a study's volumes, unless it is in flight already."""
    return ensure_job(
        kind=JobKind.BUILD_VOLUMES,
        subject=study,
        subject_title=study.patient.pseudonym,
        cohort_uuid=study.patient.cohort_id,
        parameters={"instances": Instance.objects.filter(series__study=study).count()},
        created_by=actor,
    )


def why_refused(upload: Upload, pseudonym: str) -> str:
    """The sentence that keeps a patient's files out of this delivery; empty where they are welcome.

    Asked before a file is stored: of who has withdrawn or belongs to another centre, none may come to lie here.
    """
    patient = Patient.objects.filter(cohort=upload.cohort_id, pseudonym=pseudonym).select_related("enrolment").first()
    if patient is None:
        return ""
    if patient.enrolment.state == PatientState.WITHDRAWN:
        return "The patient withdrew from the study: nothing of them is taken in again."
    if upload.centre_id and patient.centre_id and patient.centre_id != upload.centre_id:
        return "The patient belongs to another centre than this delivery: send it for that centre."
    return ""


def _series_of(upload: Upload, summary: Any) -> Series:
    patient = _patient_of(upload, summary.pseudonym)
    study, _ = ImagingStudy.objects.get_or_create(
        patient=patient,
        study_instance_uid=summary.study_instance_uid,
        defaults={"study_date": summary.study_date, "scan_month": summary.scan_month},
    )
    series, _ = Series.objects.get_or_create(
        study=study,
        series_instance_uid=summary.series_instance_uid,
        defaults={
            "modality": summary.modality,
            "frame_of_reference_uid": summary.frame_of_reference_uid,
            "series_number": summary.series_number,
            "manufacturer": summary.manufacturer,
            "model_name": summary.model_name,
            "slice_thickness_mm": summary.slice_thickness_mm,
            "kvp": summary.kvp,
        },
    )
    return series


def _patient_of(upload: Upload, pseudonym: str) -> Patient:
    """Raises Conflict where the patient withdrew or was given to another centre since the files were read."""
    if sentence := why_refused(upload, pseudonym):
        raise Conflict(sentence)
    values = {"centre": upload.centre, "actor": upload.uploaded_by}
    patient = Patient.objects.filter(cohort=upload.cohort, pseudonym=pseudonym).first() or meet_patient(
        cohort=upload.cohort, pseudonym=pseudonym, **values
    )
    if upload.centre and patient.centre_id is None:
        set_centre(patient=patient, reason="delivery of images", **values)
    return patient


def _by_series(stored: Iterable[StoredInstance]) -> list[list[StoredInstance]]:
    groups: dict[str, list[StoredInstance]] = {}
    for instance in stored:
        groups.setdefault(instance.summary.series_instance_uid, []).append(instance)
    return list(groups.values())


def _record_instances(series: Series, instances: list[StoredInstance]) -> set[str]:
    """Writes the rows that are new and returns the UIDs of those that were there before."""
    there = set(series.instances.values_list("sop_instance_uid", flat=True))
    Instance.objects.bulk_create(
        [
            Instance(
                series=series,
                sop_instance_uid=instance.summary.sop_instance_uid,
                sop_class_uid=instance.summary.sop_class_uid,
                storage_key=instance.file.key,
                sha256=instance.file.sha256,
                size_bytes=instance.file.size,
            )
            for instance in instances
            if instance.summary.sop_instance_uid not in there
        ],
        batch_size=_BATCH,
    )
    return there & {instance.summary.sop_instance_uid for instance in instances}


def _record_outcomes(upload: Upload, outcomes: Iterable[dict], known: set[str]) -> dict[str, int]:
    rows, counts = [], dict.fromkeys(ImportedFile.Outcome.values, 0)
    for outcome in outcomes:
        if outcome["outcome"] == ImportedFile.Outcome.STORED and outcome["sop_instance_uid"] in known:
            outcome = {**outcome, "outcome": ImportedFile.Outcome.ALREADY_THERE}
        counts[outcome["outcome"]] += 1
        rows.append(ImportedFile(upload=upload, **outcome))
    ImportedFile.objects.filter(upload=upload).delete()
    ImportedFile.objects.bulk_create(rows, batch_size=_BATCH)
    Upload.objects.filter(pk=upload.pk).update(file_count=len(rows))
    return counts
