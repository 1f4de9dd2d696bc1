"""Recording what was built from a study: volumes, acquisitions, findings, and the cases that pair a CT with a PET."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from backend.accounts.models import User
from backend.audit.services import record_audit
from backend.cohorts.eligibility_log import evaluate_patients
from backend.cohorts.services import current_rules
from backend.core.storage import StoredFile, fetch_to, store_bytes, store_path
from backend.imaging.models import Case, CaseOffset, ImagingStudy, PetAcquisition, QcFinding, Series, Volume
from backend.jobs.models import Job, JobKind
from backend.jobs.services import ensure_job

IMAGE_MODALITIES = ("CT", "PT")


@dataclass(frozen=True, kw_only=True)
class BuiltVolume:
    """A volume whose files are in the storage. ``served`` is worker.compute.serving.ServedVolume."""

    unit: str
    geometry: dict
    nifti: StoredFile
    minimum: float
    maximum: float
    served: Any
    preview: StoredFile
    slabs: list[StoredFile]
    suv_passport: dict = field(default_factory=dict)
    warnings: tuple[str, ...] = ()


def fetch_series(series: Series, workspace: Path) -> Path:
    """Copies a series' instances into a folder of the workspace and returns it."""
    folder = workspace / str(series.pk)
    for instance in series.instances.all():
        fetch_to(instance.storage_key, folder / f"{instance.pk}.dcm")
    return folder


def store_volume(study: ImagingStudy, *, nifti_path: Path, served: Any, **values: Any) -> BuiltVolume:
    """Keeps a volume's NIfTI, preview and slabs; the rows follow in ``record_volumes``."""
    folder = f"{study.patient.cohort_id}/{study.patient.pseudonym}/volumes"
    return BuiltVolume(
        nifti=store_path(nifti_path, folder=folder, suffix=".nii.gz"),
        served=served,
        preview=store_bytes(served.preview_gzip, folder=folder, suffix=".gz"),
        slabs=[store_bytes(slab, folder=folder, suffix=".gz") for slab in served.slabs_gzip],
        **values,
    )


def record_volumes(study: ImagingStudy, built: dict[Series, BuiltVolume], refused: dict[Series, str]) -> list[Case]:
    """Writes volumes, passports and findings, and pairs the study's CT with its PET. Must run inside ``completing``."""
    for series, volume in built.items():
        _record_volume(series, volume)
    for series, sentence in refused.items():
        add_finding(study, code="volume_refused", severity="error", sentence=sentence, series=series)
    cases = _record_cases(study, built)
    if "images" in current_rules(study.patient.cohort).criteria:
        evaluate_patients(study.patient.cohort, [study.patient])
    record_audit(
        action="volumes.build",
        subject=study,
        cohort_uuid=study.patient.cohort_id,
        after={"volumes": len(built), "refused": len(refused), "cases": len(cases)},
    )
    return cases


def changed_volumes(built: dict[Series, BuiltVolume]) -> list[Volume]:
    """The volumes that are there already and of which voxels or grid are no longer what was built now."""
    there = Volume.objects.filter(series__in=built).select_related("series")
    return [
        volume
        for volume in there
        if (volume.sha256, volume.geometry) != (built[volume.series].nifti.sha256, built[volume.series].geometry)
    ]


def _record_volume(series: Series, built: BuiltVolume) -> None:
    Volume.objects.update_or_create(
        series=series,
        defaults={
            "unit": built.unit,
            "geometry": built.geometry,
            "storage_key": built.nifti.key,
            "sha256": built.nifti.sha256,
            "minimum": built.minimum,
            "maximum": built.maximum,
            "stored_dtype": built.served.dtype,
            "stored_slope": built.served.slope,
            "stored_intercept": built.served.intercept,
            "preview_key": built.preview.key,
            "preview_geometry": built.served.preview_geometry.to_json(),
            "slab_keys": [slab.key for slab in built.slabs],
            "slab_slice_counts": list(built.served.slab_slice_counts),
        },
    )
    for number, sentence in enumerate(built.warnings):
        add_finding(series.study, code=f"series_{number}", severity="warning", sentence=sentence, series=series)
    if built.suv_passport:
        _record_acquisition(series, built.suv_passport)


def _record_acquisition(series: Series, passport: dict) -> None:
    inputs = passport.get("inputs", {})
    uptake_min = inputs.get("uptake_min")
    PetAcquisition.objects.update_or_create(
        series=series,
        defaults={
            "injected_dose_bq": inputs.get("injected_dose_bq"),
            "half_life_s": inputs.get("half_life_s"),
            "uptake_time_s": None if uptake_min is None else uptake_min * 60,
            "weight_kg": inputs.get("patient_weight_kg"),
            "suv_passport": passport,
        },
    )


def add_finding(
    study: ImagingStudy,
    *,
    code: str,
    severity: str,
    sentence: str,
    series: Series | None = None,
    case: Case | None = None,
) -> None:
    """Writes a finding, or renews the one of the same code on the same thing."""
    QcFinding.objects.update_or_create(
        patient=study.patient,
        series=series,
        case=case,
        code=code,
        defaults={"severity": severity, "sentence": sentence},
    )


def pair_series(built: dict[Series, BuiltVolume], rule: str = "most_slices") -> list[tuple[Series, Series]]:
    """Each PET with the CT of the same frame of reference that the protocol's rule chooses, as (CT, PET)."""
    prefers = {
        "most_slices": lambda ct: built[ct].geometry["size_xyz"][2],
        "thinnest": lambda ct: -built[ct].geometry["spacing_mm"][2],
        "first": lambda ct: -(ct.series_number or 0),
    }[rule]
    pairs = []
    for pet in (series for series in built if series.modality == "PT"):
        cts = [ct for ct in built if ct.modality == "CT" and ct.frame_of_reference_uid == pet.frame_of_reference_uid]
        if cts:
            pairs.append((max(cts, key=prefers), pet))
    return pairs


def _record_cases(study: ImagingStudy, built: dict[Series, BuiltVolume]) -> list[Case]:
    pairs = pair_series(built, current_rules(study.patient.cohort).ct_series_rule)
    cases = [
        Case.objects.get_or_create(patient=study.patient, study=study, ct=ct.volume, pet=pet.volume)[0]
        for ct, pet in pairs
    ]
    cts = [series for series in built if series.modality == "CT"]
    pets = [series for series in built if series.modality == "PT"]
    for pet in set(pets) - {pet for _, pet in pairs}:
        _explain_unpaired(study, pet, cts)
    if cts and not pets:
        sentence = "The study has a CT but no PET: import the PET series."
        add_finding(study, code="no_pet", severity="error", sentence=sentence)
    return cases


def _explain_unpaired(study: ImagingStudy, pet: Series, cts: list[Series]) -> None:
    if not cts:
        sentence = "The study has a PET but no CT: import the CT series of the same examination."
    else:
        sentence = (
            f"PET (frame of reference {pet.frame_of_reference_uid}) and CT ({cts[0].frame_of_reference_uid}) have no "
            "common coordinates, so they cannot be read together: import series of one examination."
        )
    add_finding(study, code="pet_without_ct", severity="error", sentence=sentence, series=pet)


def set_case_offset(*, case: Case, offset_lps_mm: list[float], reason: str, actor: Any) -> CaseOffset:
    """A person lays the PET on the CT by a translation; it is kept beside the images, which stay as they are."""
    offset = CaseOffset.objects.create(case=case, offset_lps_mm=offset_lps_mm, reason=reason, set_by=actor)
    record_audit(
        action="case.offset",
        subject=case,
        actor=actor,
        cohort_uuid=case.patient.cohort_id,
        after={"offset_lps_mm": offset_lps_mm},
        reason=reason,
    )
    return offset


def current_offset(case: Case) -> tuple[float, float, float]:
    """The newest offset in mm (LPS), or none."""
    newest = case.offsets.order_by("-created_at").first()
    return tuple(newest.offset_lps_mm) if newest else (0.0, 0.0, 0.0)


def enqueue_bat_proposal(case: Case, *, actor: User | None = None) -> Job:
    """Queues the brown-fat rule for a case, unless it is in flight already."""
    return ensure_job(
        kind=JobKind.PROPOSE_BAT,
        subject=case,
        subject_title=case.patient.pseudonym,
        cohort_uuid=case.patient.cohort_id,
        created_by=actor,
    )
