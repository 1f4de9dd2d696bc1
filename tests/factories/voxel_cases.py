"""Small cases with real voxels: NIfTI, preview and slabs in the storage, made by the services that an import uses."""

import gzip
import tempfile
from itertools import count
from pathlib import Path
from uuid import uuid4

import numpy as np

from backend.accounts.models import User
from backend.annotations.models import Assignment, Mask, MaskSource, Outcome, Reading, RoiCandidate, Target
from backend.annotations.services.drawing import save_mask
from backend.annotations.services.masks import record_mask, store_labelmap
from backend.annotations.services.proposals import record_bat_proposal
from backend.annotations.services.submission import submit_reading
from backend.cohorts.models import Cohort, Role
from backend.cohorts.services import meet_patient
from backend.imaging.models import Case, ImagingStudy, Series
from backend.imaging.services.volumes import record_volumes, store_volume
from tests.factories.people import make_member
from tests.phantoms.small_petct import small_case
from worker.compute.nifti import write_nifti
from worker.compute.serving import serve_volume
from worker.compute.types import Geometry, Volume

_number = count(1)
TUMOUR = [{"label": 1, "name": "Primary tumour", "role": "primary", "site": ""}]
BROWN_FAT = [{"label": 1, "name": "Brown fat", "role": "bat", "site": ""}]
PASSPORT = {"stored_unit": "BQML", "formula": "weight / dose", "factor": 2.5e-4, "inputs": {}, "warnings": ["Odd."]}


def make_voxel_case(cohort: Cohort, *, pseudonym: str = "", seed: int = 1) -> Case:
    """A patient with a CT and a PET of 24 × 32 × 32 voxels of 8 mm."""
    patient = meet_patient(cohort=cohort, pseudonym=pseudonym or f"PETRA-{next(_number):08d}")
    study = ImagingStudy.objects.create(patient=patient, study_instance_uid=f"2.25.{uuid4().int}")
    frame = f"2.25.{uuid4().int}"
    ct, pet, _ = small_case(seed)
    with tempfile.TemporaryDirectory() as folder:
        built = {
            _series(study, frame, "CT"): _store(study, ct, frame, Path(folder)),
            _series(study, frame, "PT"): _store(study, pet, frame, Path(folder), suv_passport=PASSPORT),
        }
        return record_volumes(study, built, {})[0]


def _series(study: ImagingStudy, frame: str, modality: str) -> Series:
    return Series.objects.create(
        study=study, series_instance_uid=f"2.25.{uuid4().int}", modality=modality, frame_of_reference_uid=frame
    )


def _store(study: ImagingStudy, volume: Volume, frame: str, folder: Path, **values):
    path = folder / f"{volume.unit}.nii.gz"
    write_nifti(volume, path)
    return store_volume(
        study,
        nifti_path=path,
        served=serve_volume(volume),
        unit=volume.unit,
        geometry={**volume.geometry.to_json(), "frame_of_reference_uid": frame},
        minimum=float(volume.array_zyx.min()),
        maximum=float(volume.array_zyx.max()),
        **values,
    )


def true_tumour(seed: int = 1) -> np.ndarray:
    """The phantom's own tumour as 0/1 uint8 (z, y, x)."""
    return small_case(seed)[2].array_zyx


def block(case: Case, *, first: int = 10, size: int = 3) -> np.ndarray:
    """A cube of label 1 on the PET grid."""
    labels = np.zeros(Geometry.from_json(case.pet.geometry).shape_zyx, np.uint8)
    labels[first : first + size, first : first + size, first : first + size] = 1
    return labels


def packed(labels: np.ndarray) -> bytes:
    """As the browser sends it."""
    return gzip.compress(labels.tobytes())


def make_assignment(case: Case, reader: User, *, target: str = Target.TUMOUR, position: int = 1) -> Assignment:
    return Assignment.objects.create(case=case, reader=reader, target=target, position=position)


def assign_new_reader(case: Case, *, target: str = Target.TUMOUR) -> Assignment:
    """The case given to a reader whom nobody knew before."""
    return make_assignment(case, make_member(case.patient.cohort, Role.READER), target=target)


def submit(assignment: Assignment, mask: Mask | None = None, *, outcome: str = Outcome.LESIONS, reason: str = ""):
    """Hands in a revision that is there already, as the assignment's reader."""
    revision_id = mask.pk if mask else None
    return submit_reading(
        assignment=assignment, actor=assignment.reader, revision_id=revision_id, outcome=outcome, reason=reason
    )


def draw(assignment: Assignment, labels: np.ndarray, *, parent: Mask | None = None, **values) -> Mask:
    """A revision by the assignment's reader."""
    lesions = BROWN_FAT if assignment.target == Target.BAT else TUMOUR
    saved = save_mask(
        assignment=assignment,
        actor=assignment.reader,
        parent_id=parent.pk if parent else None,
        mask_gzip=packed(labels),
        **{"lesions": lesions, **values},
    )
    return saved.mask


def hand_in(assignment: Assignment, labels: np.ndarray | None, **values) -> Reading:
    """Draws and submits; without labels, no avid tumour."""
    mask = draw(assignment, labels) if labels is not None else None
    outcome = Outcome.LESIONS if mask else Outcome.NO_AVID_TUMOUR
    return submit_reading(
        assignment=assignment,
        actor=assignment.reader,
        revision_id=mask.pk if mask else None,
        **{"outcome": outcome, **values},
    )


def propose_bat_mask(case: Case) -> Mask:
    """The rule's mask: one block on the CT grid, the same on the PET grid."""
    voxels = block(case, first=4, size=2).tobytes()
    on_ct, on_pet = (store_labelmap(case, voxels, grid=grid) for grid in ("ct", "pet"))
    return record_bat_proposal(case, on_ct=on_ct, on_pet=on_pet, thresholds={})


def propose_tumour_mask(case: Case, labels: np.ndarray | None = None) -> Mask:
    """A segmenter's mask on the PET grid."""
    proposed = block(case, first=8, size=4) if labels is None else labels
    file = store_labelmap(case, proposed.tobytes(), grid="pet")
    return record_mask(case=case, target=Target.TUMOUR, source=MaskSource.NNUNET, file=file, lesions=TUMOUR)


def make_candidate(
    case: Case, *, roi_name: str = "GTV_PET", lesion_name: str = "GTV", drawn_on: str = "pet"
) -> RoiCandidate:
    """A contour that came with the images, to be decided about."""
    series, _ = Series.objects.get_or_create(
        study=case.study, series_instance_uid=f"2.25.{case.study.pk.int}", defaults={"modality": "RTSTRUCT"}
    )
    file = store_labelmap(case, block(case).tobytes(), grid=drawn_on)
    return RoiCandidate.objects.create(
        series=series,
        case=case,
        roi_name=roi_name,
        lesion_name=lesion_name,
        roi_number=series.roi_candidates.count() + 1,
        drawn_on=drawn_on,
        volume_ml=file.volume_ml,
        mask=record_mask(case=case, target=Target.TUMOUR, source=MaskSource.IMPORTED, file=file, lesions=TUMOUR),
    )
