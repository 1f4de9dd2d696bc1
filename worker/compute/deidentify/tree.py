"""De-identify a folder: every file gets an outcome, and nothing that is written names a person."""

import hashlib
import logging
import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pydicom
from pydicom import Dataset
from pydicom.errors import InvalidDicomError
from pydicom.uid import ExplicitVRLittleEndian, ImplicitVRLittleEndian

from worker.compute.deidentify.dataset import acquisition_month, deidentify_dataset
from worker.compute.deidentify.pseudonyms import Pseudonymiser
from worker.compute.deidentify.refusal import refusal_reason
from worker.compute.errors import ComputeError, UnreadableInput
from worker.compute.types import ProgressCallback, ignore_progress

IMPLEMENTATION_UID = "2.25.300226402154711283940713310871436297345"
PREAMBLE_LENGTH = 128
# Files without a preamble start with group 0002 or 0008, in either byte order.
DATASET_STARTS = (b"\x02\x00", b"\x08\x00", b"\x00\x02", b"\x00\x08")
DICOMDIR_CLASS = "1.2.840.10008.1.3.10"
PROGRESS_EVERY_FILES = 25


@dataclass(frozen=True, kw_only=True)
class FileOutcome:
    """What became of one input file. ``file_number`` counts the sorted walk from 1; ``path_digest`` is keyed."""

    file_number: int
    path_digest: str
    status: Literal["stored", "refused", "ignored"]
    reason: str = ""
    pseudonym: str = ""
    modality: str = ""
    study_uid: str = ""
    series_uid: str = ""
    sop_uid: str = ""
    acquisition_month: int | None = None
    output_path: str = ""


def deidentify_tree(
    in_dir: Path, out_dir: Path, secret: bytes | str, on_progress: ProgressCallback = ignore_progress
) -> list[FileOutcome]:
    """Writes ``out_dir/STUDY/SERIES/INSTANCE.dcm`` (new UIDs) and returns one outcome per input file, in sorted order.

    A file that cannot be used is refused or ignored alone, with a sentence that quotes nothing of it. Raises
    UnreadableInput where the folder is missing or holds no file.
    """
    paths = list(_files(Path(in_dir)))
    if not paths:
        raise UnreadableInput("The import folder is missing or empty: name a folder that holds DICOM files.")
    pseudonymiser, written = Pseudonymiser(secret), {}
    outcomes = []
    with _silent_library():
        for number, path in enumerate(paths, start=1):
            digest = pseudonymiser.digest("path", path.relative_to(in_dir).as_posix()).hex()[:16]
            fields = _deidentify_file(path, Path(out_dir), pseudonymiser, written)
            outcomes.append(FileOutcome(file_number=number, path_digest=digest, **fields))
            if number % PROGRESS_EVERY_FILES == 0 or number == len(paths):
                on_progress(number / len(paths), "De-identifying")
    return outcomes


def _deidentify_file(path: Path, out_dir: Path, pseudonymiser: Pseudonymiser, written: dict[str, str]) -> dict:
    """The outcome's fields; ``written`` maps each output path to the digest of what it holds."""
    try:
        dataset = _read(path)
        if dataset is None:
            return {"status": "ignored", "reason": "The file is not a DICOM instance."}
        reason = refusal_reason(dataset)
        if reason:
            return {"status": "refused", "reason": reason}
        clean = deidentify_dataset(dataset, pseudonymiser)
        return _store(clean, _meta(clean, dataset), out_dir, written) | {
            "acquisition_month": acquisition_month(dataset)
        }
    except ComputeError as error:
        return {"status": "refused", "reason": str(error)}
    except Exception:  # a library's message may quote the header, so that none is passed on
        return {"status": "refused", "reason": "The DICOM file is damaged: export it again from the archive."}


def _read(path: Path) -> Dataset | None:
    """The dataset; None for anything that is not a DICOM instance, a DICOMDIR included."""
    try:
        dataset = pydicom.dcmread(path)
    except InvalidDicomError:
        with path.open("rb") as file:
            if file.read(2) not in DATASET_STARTS:
                return None
        dataset = pydicom.dcmread(path, force=True)
        if "SOPClassUID" not in dataset:
            return None
    return None if dataset.file_meta.get("MediaStorageSOPClassUID") == DICOMDIR_CLASS else dataset


def _meta(clean: Dataset, source: Dataset) -> pydicom.dataset.FileMetaDataset:
    """A file meta group of our own: the original's names applications, AE titles and private information."""
    meta = pydicom.dataset.FileMetaDataset()
    meta.FileMetaInformationVersion = b"\x00\x01"
    meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID = clean.SOPClassUID, clean.SOPInstanceUID
    implicit = source.original_encoding[0]
    fallback = ImplicitVRLittleEndian if implicit else ExplicitVRLittleEndian
    meta.TransferSyntaxUID = source.file_meta.get("TransferSyntaxUID") or fallback
    meta.ImplementationClassUID, meta.ImplementationVersionName = IMPLEMENTATION_UID, "PETRA"
    return meta


def _store(clean: Dataset, meta: pydicom.dataset.FileMetaDataset, out_dir: Path, written: dict[str, str]) -> dict:
    relative = Path(clean.StudyInstanceUID, clean.SeriesInstanceUID, f"{clean.SOPInstanceUID}.dcm")
    buffer = pydicom.filebase.DicomBytesIO()
    clean.file_meta, clean.preamble = meta, bytes(PREAMBLE_LENGTH)
    pydicom.dcmwrite(buffer, clean, enforce_file_format=False)
    content = buffer.getvalue()
    digest = hashlib.sha256(content).hexdigest()
    if relative.as_posix() in written:
        if written[relative.as_posix()] == digest:
            return {"status": "ignored", "reason": "The same instance was met before in this folder."}
        return {"status": "refused", "reason": "Another instance with the same UID differs: import one of the two."}
    written[relative.as_posix()] = digest
    target = out_dir / relative
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(content)
    return {
        "status": "stored",
        "pseudonym": str(clean.PatientID),
        "modality": str(clean.get("Modality", "")),
        "study_uid": str(clean.StudyInstanceUID),
        "series_uid": str(clean.SeriesInstanceUID),
        "sop_uid": str(clean.SOPInstanceUID),
        "output_path": relative.as_posix(),
    }


def _files(in_dir: Path) -> Iterator[Path]:
    """Every regular file below the folder in a stable order; links are not followed, they may lead outside."""
    for folder, folders, names in os.walk(in_dir):
        folders.sort()
        yield from (path for name in sorted(names) if (path := Path(folder, name)).is_file() and not path.is_symlink())


@contextmanager
def _silent_library() -> Iterator[None]:
    """pydicom's warnings and log lines quote header values, which must reach no log."""
    logger = logging.getLogger("pydicom")
    level = logger.level
    logger.setLevel(logging.CRITICAL + 1)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.setLevel(level)
