"""Volumes: the series of a study → HU and SUVbw on their native grids, the regions that came along, and what is odd."""

from pathlib import Path

from backend.annotations.services.candidates import FoundStructure, record_candidates
from backend.annotations.services.masks import store_labelmap_of
from backend.annotations.services.read_volumes import require_unread
from backend.cohorts.services import current_rules
from backend.imaging.models import ImagingStudy, Series
from backend.imaging.services.volumes import (
    IMAGE_MODALITIES,
    BuiltVolume,
    add_finding,
    changed_volumes,
    enqueue_bat_proposal,
    fetch_series,
    pair_series,
    record_volumes,
    store_volume,
)
from backend.jobs.models import JobKind
from backend.jobs.services import completing
from worker.compute.build import build_series
from worker.compute.errors import ComputeError
from worker.compute.nifti import write_nifti
from worker.compute.serving import serve_volume
from worker.compute.structures import Structure, read_structures, shift_between
from worker.compute.types import Geometry
from worker.tasks.runner import JobContext, job_task

STRUCTURE_MODALITIES = ("RTSTRUCT", "SEG")


@job_task(JobKind.BUILD_VOLUMES)
def build_volumes(context: JobContext) -> None:
    """fetch: the study's series → compute: volumes and regions → record: volumes, cases, candidates, findings."""
    study = ImagingStudy.objects.select_related("patient__cohort").get(pk=context.job.subject_id)
    built, refused = _build(context, study)
    context.inputs(series={volume.nifti.sha256: series.series_instance_uid for series, volume in built.items()})
    pairs = pair_series(built, current_rules(study.patient.cohort).ct_series_rule)
    structures = {pet: _read_structures(context, study, built, ct, pet, refused) for ct, pet in pairs}
    with completing(context.claim, message=_sentence(built, refused)):
        require_unread(changed_volumes(built))
        for case in record_volumes(study, built, refused):
            found, shifts = structures[case.pet.series]
            record_candidates(case, found)
            for sentence in shifts:
                add_finding(study, code="pet_off_ct", severity="warning", sentence=sentence, case=case)
            enqueue_bat_proposal(case)


def _build(context: JobContext, study: ImagingStudy) -> tuple[dict[Series, BuiltVolume], dict[Series, str]]:
    built: dict[Series, BuiltVolume] = {}
    refused: dict[Series, str] = {}
    images = list(study.series.filter(modality__in=IMAGE_MODALITIES).select_related("study__patient"))
    for number, series in enumerate(images):
        context.progress(number / len(images), f"Building {series.modality}")
        try:
            built[series] = _build_one(study, series, context.workspace)
        except ComputeError as error:
            refused[series] = str(error)
    return built, refused


def _build_one(study: ImagingStudy, series: Series, workspace: Path) -> BuiltVolume:
    result = build_series(fetch_series(series, workspace))
    nifti_path = workspace / f"{series.pk}.nii.gz"
    write_nifti(result.volume, nifti_path)
    minimum, maximum = result.value_range
    return store_volume(
        study,
        nifti_path=nifti_path,
        served=serve_volume(result.volume),
        unit=result.volume.unit,
        geometry=result.volume.geometry.to_json(),
        minimum=minimum,
        maximum=maximum,
        suv_passport=result.passport.to_json() if result.passport else {},
        warnings=result.warnings,
    )


def _read_structures(
    context: JobContext,
    study: ImagingStudy,
    built: dict[Series, BuiltVolume],
    ct: Series,
    pet: Series,
    refused: dict[Series, str],
) -> tuple[list[FoundStructure], list[str]]:
    """Every region of the study's RTSTRUCT and SEG on the pair's grids, and the sentences of visible shifts."""
    geometries = {"ct": built[ct].geometry, "pet": built[pet].geometry}
    grids = {name: Geometry.from_json(geometry) for name, geometry in geometries.items()}
    modalities = {ct.series_instance_uid: "ct", pet.series_instance_uid: "pet"}
    structures: list[tuple[Series, Structure]] = []
    for series in study.series.filter(modality__in=STRUCTURE_MODALITIES):
        try:
            for path in sorted(fetch_series(series, context.workspace).glob("*.dcm")):
                structures += [(series, found) for found in read_structures(path, grids, modalities)]
        except ComputeError as error:
            refused[series] = str(error)
    found = [_found(study, geometries, series, structure) for series, structure in structures]
    return found, _shifts([structure for _, structure in structures])


def _found(study: ImagingStudy, geometries: dict, series: Series, structure: Structure) -> FoundStructure:
    file = None
    if structure.mask is not None:
        voxels = (structure.mask.array_zyx > 0).astype("uint8").tobytes()
        file = store_labelmap_of(study.patient, geometries[structure.drawn_on], voxels, grid=structure.drawn_on)
    return FoundStructure(
        series=series,
        summary=structure.summary,
        lesion_name=structure.lesion_name,
        drawn_on=structure.drawn_on,
        file=file,
        problem=structure.problem,
    )


def _shifts(structures: list[Structure]) -> list[str]:
    """The contours of one lesion on CT and PET that lie apart show that the PET does not lie on its CT."""
    on_ct = {structure.lesion_name: structure for structure in structures if structure.drawn_on == "ct"}
    on_pet = {structure.lesion_name: structure for structure in structures if structure.drawn_on == "pet"}
    sentences = [shift_between(on_ct[name], on_pet[name]) for name in sorted(on_ct.keys() & on_pet.keys())]
    return [sentence for sentence in sentences if sentence][:1]


def _sentence(built: dict, refused: dict) -> str:
    if refused:
        return f"{len(built)} volumes built, {len(refused)} series refused: see the findings of the patient."
    return f"{len(built)} volumes built."
