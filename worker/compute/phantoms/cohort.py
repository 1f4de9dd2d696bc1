"""Write a synthetic cohort: DICOM, masks, clinical table, what was planted, and the fake identifiers to look for."""

import csv
import json
import shutil
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from itertools import repeat
from pathlib import Path

import numpy as np

from worker.compute.errors import ComputeError
from worker.compute.nifti import write_nifti
from worker.compute.phantoms.clinical import CLINICAL_COLUMNS
from worker.compute.phantoms.dicom_contours import write_rtstruct, write_segmentation
from worker.compute.phantoms.dicom_images import SYNTHETIC_MARK, Visit, plan_visit, write_images
from worker.compute.phantoms.lesions import ROLES
from worker.compute.phantoms.patient import PhantomPatient, synthesise_patient
from worker.compute.phantoms.plan import TRAIT_FEATURES, PatientPlan, plan_cohort
from worker.compute.types import ProgressCallback, ignore_progress

DEFAULT_EFFECT = 1.5
SMALLEST_MATRIX, SMALLEST_SLICES = 32, 24
CONTOUR_WRITERS = (write_rtstruct, write_rtstruct, write_segmentation)


@dataclass(frozen=True, kw_only=True)
class CohortRequest:
    """What to write. ``effect`` is Cohen's d between the TP53 labels in each trait of ``plan.TRAIT_FEATURES``."""

    patients: int
    matrix: int = 128
    slices: int = 90
    effect: float = DEFAULT_EFFECT
    seed: int = 0

    def __post_init__(self) -> None:
        if self.patients < 1:
            raise ComputeError("A cohort needs at least one patient: ask for --patients 1 or more.")
        if self.matrix < SMALLEST_MATRIX or self.slices < SMALLEST_SLICES:
            raise ComputeError(
                f"The anatomy needs a matrix of {SMALLEST_MATRIX} and {SMALLEST_SLICES} slices at least."
            )


def write_cohort(
    request: CohortRequest, out_dir: Path, on_progress: ProgressCallback = ignore_progress, processes: int = 2
) -> list[PatientPlan]:
    """Fills a new folder: ``dicom/``, ``masks/``, ``clinical.csv``, ``planted.json``, ``fake_identifiers.txt``.

    Raises ComputeError where the folder holds something else already. ``processes`` = 1 stays in this process.
    """
    if out_dir.exists() and any(out_dir.iterdir()):
        raise ComputeError("The output folder is not empty: name a new one, so that no cohort mixes with another.")
    out_dir.mkdir(parents=True, exist_ok=True)
    plans, findings, strings = plan_cohort(request.patients, request.effect, request.seed), [], []
    for done, (measured, planted) in enumerate(_each_written(plans, request, out_dir, processes), start=1):
        findings.append(measured)
        strings += planted
        on_progress(done / len(plans), "Writing synthetic patients")
    _write_clinical(plans, out_dir / "clinical.csv")
    _write_planted(request, plans, findings, out_dir / "planted.json")
    (out_dir / "fake_identifiers.txt").write_text("\n".join(sorted(set(strings))) + "\n", encoding="utf-8")
    return plans


def write_clinical_part(request: CohortRequest, out_dir: Path) -> list[PatientPlan]:
    """``clinical.csv`` alone, the very rows that ``write_cohort`` writes for this request, without any image."""
    out_dir.mkdir(parents=True, exist_ok=True)
    path = out_dir / "clinical.csv"
    if path.exists():
        raise ComputeError("The output folder has a clinical.csv: name a new folder.")
    plans = plan_cohort(request.patients, request.effect, request.seed)
    _write_clinical(plans, path)
    return plans


def _each_written(
    plans: list[PatientPlan], request: CohortRequest, out_dir: Path, processes: int
) -> Iterator[tuple[dict, list[str]]]:
    arguments: tuple[Iterable, ...] = (plans, repeat(request), repeat(out_dir))
    if processes == 1:
        yield from map(write_patient, *arguments)
        return
    with ProcessPoolExecutor(processes) as pool:
        yield from pool.map(write_patient, *arguments)


def write_patient(plan: PatientPlan, request: CohortRequest, out_dir: Path) -> tuple[dict, list[str]]:
    """Writes one patient's files; returns what was measured in the true masks and the planted identifiers."""
    patient = synthesise_patient(request.seed, matrix=request.matrix, slices=request.slices, plan=plan)
    visit = plan_visit(patient)
    hospital_number = plan.clinical.hospital_number
    try:
        pet_headers = write_images(visit, out_dir / "dicom" / hospital_number)
        _write_masks(visit, pet_headers, out_dir / "masks" / hospital_number)
    except OSError as error:
        shutil.rmtree(out_dir / "dicom" / hospital_number, ignore_errors=True)
        raise ComputeError(
            f"The synthetic patient could not be written ({error.strerror}): free some space."
        ) from error
    return _measure(patient), visit.identity.strings()


def _write_masks(visit: Visit, pet_headers: list, folder: Path) -> None:
    """``reader_1.dcm`` and ``reader_2.dcm`` (RTSTRUCT), ``reader_3.dcm`` (SEG), and the truth as NIfTI."""
    patient = visit.patient
    for reader, (reading, write) in enumerate(zip(patient.readings, CONTOUR_WRITERS, strict=True), start=1):
        write(visit, reading, reader, pet_headers, folder / f"reader_{reader}.dcm")
    write_nifti(patient.tumour, folder / "truth_tumour.nii.gz")
    write_nifti(patient.bat, folder / "truth_bat.nii.gz")


def _measure(patient: PhantomPatient) -> dict:
    primary = patient.tumour.array_zyx == ROLES["primary"]
    values = patient.suv_bw.array_zyx[primary]
    lesions_ml = np.count_nonzero(patient.tumour.array_zyx) * patient.tumour.geometry.voxel_volume_ml
    return {
        "hospital_number": patient.clinical.hospital_number,
        "lesion_volume_ml": round(lesions_ml, 2),
        "primary_suv_bw_mean": round(float(values.mean()), 3),
        "primary_suv_bw_max": round(float(values.max()), 3),
    }


def _write_clinical(plans: list[PatientPlan], path: Path) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, [column.name for column in CLINICAL_COLUMNS])
        writer.writeheader()
        writer.writerows(plan.clinical.to_row() for plan in plans)


def _write_planted(request: CohortRequest, plans: list[PatientPlan], findings: list[dict], path: Path) -> None:
    patients = [
        finding
        | {
            "tp53_mutated": plan.tp53_mutated,
            "traits": asdict(plan.traits),
            "bat_active": plan.bat_active,
            "exclusion": plan.exclusion,
            "exclusion_reason": plan.exclusion_reason,
        }
        for plan, finding in zip(plans, findings, strict=True)
    ]
    content = {
        "synthetic": SYNTHETIC_MARK,
        "request": asdict(request),
        "effect_is": "Cohen's d between TP53 mutated and wild-type in each trait; 0 makes the label independent",
        "trait_features": TRAIT_FEATURES,
        "patients": patients,
    }
    path.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
