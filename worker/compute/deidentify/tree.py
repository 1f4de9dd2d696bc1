"""De-identify a folder: every file gets an outcome, and nothing that is written names a person."""

import hashlib
import logging
import os
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pydicom
from pydicom import Dataset
from pydicom.errors import InvalidDicomError
from pydicom.uid import ExplicitVRLittleEndian, ImplicitVRLittleEndian

from worker.compute.deidentify.dataset import UTF_8_CODECS, acquisition_month, deidentify_dataset
from worker.compute.deidentify.encoding import encoded_file
from worker.compute.deidentify.pseudonyms import Pseudonymiser
from worker.compute.deidentify.refusal import refusal_reason
from worker.compute.errors import ComputeError, UnreadableInput
from worker.compute.types import ProgressCallback, ignore_progress

IMPLEMENTATION_UID = "2.25.300226402154711283940713310871436297345"
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


# Takes an outcome, the clean dataset and the bytes of its file, which are kept nowhere else.
Keep = Callable[[FileOutcome, Dataset, bytes], None]


def deidentify_tree(
    in_dir: Path, out_dir: Path, secret: bytes | str, on_progress: ProgressCallback = ignore_progress
) -> list[FileOutcome]:
    """Writes ``out_dir/STUDY/SERIES/INSTANCE.dcm`` (new UIDs) and returns one outcome per input file, in sorted order.

    Raises what ``deidentify_files`` raises.
    """

    def keep(outcome: FileOutcome, clean: Dataset, content: bytes) -> None:
        target = Path(out_dir, outcome.output_path)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)

    return deidentify_files(in_dir, secret, keep, on_progress)


def deidentify_files(
    in_dir: Path, secret: bytes | str, keep: Keep, on_progress: ProgressCallback = ignore_progress
) -> list[FileOutcome]:
    """Hands every clean instance to ``keep`` and returns one outcome per input file, in sorted order.

    A file that cannot be used is refused or ignored alone, with a sentence that quotes nothing of it. Raises
    UnreadableInput where the folder is missing or holds no file, and what ``keep`` raises.
    """
    paths = list(_files(Path(in_dir)))
    if not paths:
        raise UnreadableInput("The import folder is missing or empty: name a folder that holds DICOM files.")
    pseudonymiser, written = Pseudonymiser(secret), {}
    outcomes = []
    with _silent_library():
        for number, path in enumerate(paths, start=1):
            digest = pseudonymiser.digest("path", path.relative_to(in_dir).as_posix()).hex()[:16]
            fields, clean, content = _deidentify_file(path, pseudonymiser, written)
            outcomes.append(FileOutcome(file_number=number, path_digest=digest, **fields))
            if clean is not None:
                keep(outcomes[-1], clean, content)
            if number % PROGRESS_EVERY_FILES == 0 or number == len(paths):
                on_progress(number / len(paths), "De-identifying")
    return outcomes


def _deidentify_file(
    path: Path, pseudonymiser: Pseudonymiser, written: dict[str, str]
) -> tuple[dict, Dataset | None, bytes]:
    """The outcome's fields with the clean instance; ``written`` maps each output path to its content's digest."""
    try:
        dataset = _read(path)
        if dataset is None:
            return _without_instance("ignored", "The file is not a DICOM instance.")
        reason = refusal_reason(_as_read(dataset))
        if reason:
            return _without_instance("refused", reason)
        clean = deidentify_dataset(dataset, pseudonymiser)
        content = encoded_file(clean, _meta(clean, dataset), UTF_8_CODECS)
        again = _met_before(clean, content, written)
        if again:
            return again
        return _stored_fields(clean) | {"acquisition_month": acquisition_month(dataset)}, clean, content
    except ComputeError as error:
        return _without_instance("refused", str(error))
    except Exception:  # a library's message may quote the header, so that none is passed on
        return _without_instance("refused", "The DICOM file is damaged: export it again from the archive.")


def _without_instance(status: str, reason: str) -> tuple[dict, None, bytes]:
    return {"status": status, "reason": reason}, None, b""


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


def _as_read(dataset: Dataset) -> Dataset:
    """The same elements to look at: looking converts them, and what is still as it was read is treated faster."""
    view = Dataset(dict(dataset.items()))
    implicit_vr, little_endian = dataset.original_encoding
    view.set_original_encoding(implicit_vr, little_endian, dataset.original_character_set)
    view.file_meta = dataset.file_meta
    return view


def _meta(clean: Dataset, source: Dataset) -> pydicom.dataset.FileMetaDataset:
    """A file meta group of our own: the original's names applications, AE titles and private information."""
    meta = pydicom.dataset.FileMetaDataset()
    meta.FileMetaInformationGroupLength = 0  # the writer puts the true one
    meta.FileMetaInformationVersion = b"\x00\x01"
    meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID = clean.SOPClassUID, clean.SOPInstanceUID
    implicit = source.original_encoding[0]
    fallback = ImplicitVRLittleEndian if implicit else ExplicitVRLittleEndian
    meta.TransferSyntaxUID = source.file_meta.get("TransferSyntaxUID") or fallback
    meta.ImplementationClassUID, meta.ImplementationVersionName = IMPLEMENTATION_UID, "PETRA"
    return meta


def _met_before(clean: Dataset, content: bytes, written: dict[str, str]) -> tuple[dict, None, bytes] | None:
    """What becomes of a second file of the same instance; None, and noted, for the first."""
    place, digest = _output_path(clean), hashlib.sha256(content).hexdigest()
    if place not in written:
        written[place] = digest
        return None
    if written[place] == digest:
        return _without_instance("ignored", "The same instance was met before in this folder.")
    return _without_instance("refused", "Another instance with the same UID differs: import one of the two.")


def _output_path(clean: Dataset) -> str:
    return f"{clean.StudyInstanceUID}/{clean.SeriesInstanceUID}/{clean.SOPInstanceUID}.dcm"


def _stored_fields(clean: Dataset) -> dict:
    return {
        "status": "stored",
        "pseudonym": str(clean.PatientID),
        "modality": str(clean.get("Modality", "")),
        "study_uid": str(clean.StudyInstanceUID),
        "series_uid": str(clean.SeriesInstanceUID),
        "sop_uid": str(clean.SOPInstanceUID),
        "output_path": _output_path(clean),
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
