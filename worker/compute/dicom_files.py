"""Which DICOM series lie in a folder: headers only, one outcome for every file, nothing is passed over in silence."""

import warnings
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import pydicom
from pydicom.dataset import Dataset
from pydicom.errors import InvalidDicomError

# Vendors write odd UIDs and numbers; what PETRA uses it checks itself, and says so in a sentence rather than a log
# line.
pydicom.config.settings.reading_validation_mode = pydicom.config.IGNORE
warnings.filterwarnings("ignore", module=r"pydicom\.")

_TAGS = [
    "SOPClassUID",
    "SOPInstanceUID",
    "StudyInstanceUID",
    "SeriesInstanceUID",
    "FrameOfReferenceUID",
    "Modality",
    "SeriesDescription",
    "ImageType",
    "ImageOrientationPatient",
    "PixelSpacing",
    "Rows",
    "Columns",
    "PatientID",
]
_LONGEST_REASON = 160
_ORIENTATION_DECIMALS = 3  # Cosines written with fewer digits by one exporter still make one stack.


@dataclass(frozen=True, kw_only=True)
class FileOutcome:
    """What became of one file; ``series_uid`` is empty where it belongs to no series."""

    path: Path
    readable: bool
    sentence: str
    series_uid: str = ""


@dataclass(frozen=True, kw_only=True)
class SeriesGroup:
    """The files of one SeriesInstanceUID that share patient, class, modality, orientation, size and pixel spacing."""

    series_uid: str
    study_uid: str
    patient_id: str
    modality: str
    sop_class_uid: str
    description: str
    frame_of_reference_uid: str
    image_type: tuple[str, ...]
    paths: tuple[Path, ...]

    @property
    def is_localizer(self) -> bool:
        return "LOCALIZER" in self.image_type

    def describe(self) -> str:
        """One phrase for a message: modality, description, files, UID."""
        return f"{self.modality or 'no modality'} '{self.description}' with {len(self.paths)} files ({self.series_uid})"


@dataclass(frozen=True, kw_only=True)
class SeriesIndex:
    """Every series group that was found, and what became of every file."""

    groups: tuple[SeriesGroup, ...]
    outcomes: tuple[FileOutcome, ...]

    @property
    def unreadable(self) -> tuple[FileOutcome, ...]:
        return tuple(outcome for outcome in self.outcomes if not outcome.readable)


def reason(error: Exception) -> str:
    """What a library's exception says, cut to fit into one sentence."""
    lines = str(error).strip().splitlines() or [type(error).__name__]
    return lines[0].strip().rstrip(".:")[:_LONGEST_REASON]


def files_below(folder: Path | str) -> list[Path]:
    """Every file of a folder and its sub-folders, in a stable order; links are not followed out of it."""
    return sorted(path for path in Path(folder).rglob("*") if path.is_file() and not path.is_symlink())


def read_header(path: Path | str, *, pixels: bool = False, tags: list[str] | None = None) -> Dataset:
    """One DICOM file, with or without its preamble. Raises InvalidDicomError, OSError or ValueError as pydicom does."""
    try:
        return pydicom.dcmread(path, stop_before_pixels=not pixels, specific_tags=tags)
    except InvalidDicomError:
        dataset = pydicom.dcmread(path, stop_before_pixels=not pixels, specific_tags=tags, force=True)
        if "SOPClassUID" not in dataset or "SOPInstanceUID" not in dataset:
            raise
        return _with_transfer_syntax(dataset)


def group_series(paths: Iterable[Path | str]) -> SeriesIndex:
    """Groups files by series without reading a pixel; order of the groups follows the first file of each."""
    members: dict[tuple, list[tuple[Path, Dataset]]] = defaultdict(list)
    outcomes = []
    for path in map(Path, paths):
        header, sentence = _header_or_reason(path)
        if header is None:
            outcomes.append(FileOutcome(path=path, readable=False, sentence=sentence))
            continue
        members[_group_key(header)].append((path, header))
        uid = _text(header, "SeriesInstanceUID")
        outcomes.append(FileOutcome(path=path, readable=True, sentence=sentence, series_uid=uid))
    return SeriesIndex(groups=tuple(_group(found) for found in members.values()), outcomes=tuple(outcomes))


def _header_or_reason(path: Path) -> tuple[Dataset | None, str]:
    """The header, or None and a sentence; whatever a damaged file makes a parser raise, the other files go on."""
    try:
        header = read_header(path, tags=list(_TAGS))
        hash(_group_key(header))  # A size with two values makes a list.
        for name in _TAGS:
            header.get(name)  # pydicom converts a value when it is first looked at: damage is to show here.
    except InvalidDicomError:
        return None, f"{path.name} is not a DICOM file."
    except Exception as error:  # A damaged element can raise anything out of the parser.
        return None, f"{path.name} is a damaged DICOM file ({type(error).__name__}): export it again."
    if not _text(header, "SeriesInstanceUID"):
        return None, f"{path.name} is DICOM but belongs to no series (a DICOMDIR or an incomplete export)."
    return (
        header,
        f"{path.name} is {_text(header, 'Modality') or 'an object'} of series {_text(header, 'SeriesInstanceUID')}.",
    )


def _group_key(header: Dataset) -> tuple:
    orientation = tuple(
        round(float(c), _ORIENTATION_DECIMALS) + 0.0 for c in header.get("ImageOrientationPatient") or ()
    )
    spacing = tuple(round(float(s), 4) for s in header.get("PixelSpacing") or ())
    size = (header.get("Rows"), header.get("Columns"))
    names = ("PatientID", "SeriesInstanceUID", "SOPClassUID", "Modality", "FrameOfReferenceUID")
    return (*(_text(header, name) for name in names), orientation, spacing, size)


def _group(members: list[tuple[Path, Dataset]]) -> SeriesGroup:
    first = members[0][1]
    types = Counter(tuple(str(v).upper() for v in _values(header, "ImageType")) for _, header in members)
    return SeriesGroup(
        series_uid=_text(first, "SeriesInstanceUID"),
        study_uid=_text(first, "StudyInstanceUID"),
        patient_id=_text(first, "PatientID"),
        modality=_text(first, "Modality"),
        sop_class_uid=_text(first, "SOPClassUID"),
        description=_text(first, "SeriesDescription"),
        frame_of_reference_uid=_text(first, "FrameOfReferenceUID"),
        image_type=types.most_common(1)[0][0],
        paths=tuple(path for path, _ in members),
    )


def _values(header: Dataset, name: str) -> list:
    value = header.get(name)
    return [] if value is None else [value] if isinstance(value, str) else list(value)


def _text(header: Dataset, name: str) -> str:
    """A UID or a short text; both have at most 64 characters, and a damaged length must not fill a message."""
    return str(header.get(name) or "").strip()[:64]


def _with_transfer_syntax(dataset: Dataset) -> Dataset:
    """A file without a preamble has no file meta; pydicom has found out how it is encoded, and the pixels need it
    said.
    """
    if not getattr(dataset, "file_meta", None):
        dataset.file_meta = pydicom.dataset.FileMetaDataset()
    if "TransferSyntaxUID" not in dataset.file_meta:
        implicit, _ = dataset.original_encoding
        dataset.file_meta.TransferSyntaxUID = (
            pydicom.uid.ImplicitVRLittleEndian if implicit else pydicom.uid.ExplicitVRLittleEndian
        )
    return dataset
