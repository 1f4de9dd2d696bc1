"""Masks that a reader drew in another program: which file of a patient's folder, and its regions as one labelmap."""

import shutil
import tempfile
from pathlib import Path

import numpy as np
import pydicom

from worker.compute.deidentify.dataset import deidentify_dataset
from worker.compute.deidentify.pseudonyms import Pseudonymiser
from worker.compute.errors import ComputeError, EmptyMask, UnreadableInput
from worker.compute.rtstruct import list_rois, rasterise_roi
from worker.compute.types import Geometry, Volume

_NIFTI = (".nii", ".nii.gz")
_MASK_SUFFIXES = (*_NIFTI, ".dcm")
_NAME_LIMIT = 80


def mask_files(folder: Path, pattern: str) -> dict[str, Path]:
    """Hospital number (the name of a patient's folder) → the one mask in it that fits ``pattern`` (``reader_1.*``).

    A patient without such a file is left out. Raises UnreadableInput where a pattern fits several, or nothing at all.
    """
    found = {}
    for patient in sorted(path for path in folder.iterdir() if path.is_dir()):
        masks = [path for path in sorted(patient.glob(pattern)) if path.name.endswith(_MASK_SUFFIXES)]
        if len(masks) > 1:
            raise UnreadableInput(
                f"{len(masks)} masks of one patient fit {pattern}: say which file is meant, such as reader_1.*"
            )
        if masks:
            found[patient.name] = masks[0]
    if not found:
        raise UnreadableInput(f"No patient's folder holds a mask that fits {pattern} (.nii, .nii.gz or .dcm).")
    return found


def labelmap_of_file(path: Path, pet: Geometry, pseudonymiser: Pseudonymiser) -> tuple[Volume, list[dict]]:
    """Every region as a label of its own on the PET grid (uint8), and ``[{label, name, role, site}]``.

    ``pet`` has the de-identified frame of reference, so the file is de-identified before it is compared; a region
    that another overlaps keeps what it has. Raises UnreadableInput, FrameOfReferenceMismatch, EmptyMask.
    """
    with tempfile.TemporaryDirectory(prefix="petra-mask-") as folder:
        clean = _cleaned(path, Path(folder), pseudonymiser)
        labels = np.zeros(pet.shape_zyx, dtype=np.uint8)
        lesions: list[dict] = []
        for roi in list_rois(clean)[:255]:
            drawn = rasterise_roi(clean, pet, roi.number).array_zyx > 0
            free = drawn & (labels == 0)
            if free.any():
                label = len(lesions) + 1
                labels[free] = label
                lesions.append({"label": label, "name": roi.name[:_NAME_LIMIT], "role": role_of(roi.name), "site": ""})
    if not lesions:
        raise EmptyMask("The file holds no region with a voxel on the PET: give the file that the lesions are in.")
    return Volume(array_zyx=labels, geometry=pet, unit="label"), lesions


def role_of(roi_name: str) -> str:
    """Primary tumour unless the name speaks of a node or of a metastasis."""
    words = roi_name.casefold()
    if "node" in words or "lymph" in words:
        return "node"
    return "metastasis" if "metast" in words else "primary"


def _cleaned(path: Path, folder: Path, pseudonymiser: Pseudonymiser) -> Path:
    if path.name.endswith(_NIFTI):
        # A NIfTI has no header fields that name a person; its file name is left behind.
        return Path(shutil.copy(path, folder / ("mask.nii.gz" if path.name.endswith(".gz") else "mask.nii")))
    try:
        dataset = pydicom.dcmread(path)
        clean = deidentify_dataset(dataset, pseudonymiser)
    except ComputeError:
        raise
    except Exception as error:  # A damaged file raises anything out of the parser.
        raise UnreadableInput("A mask file is damaged or no DICOM: export it again.") from error
    clean.file_meta = dataset.file_meta
    clean.file_meta.MediaStorageSOPInstanceUID = clean.SOPInstanceUID
    target = folder / "mask.dcm"
    clean.save_as(target, enforce_file_format=True)
    return target
