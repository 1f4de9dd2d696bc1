"""Which words of free text survive: a fixed vocabulary for series, the reader's own names for regions of interest."""

import re
from functools import lru_cache

from pydicom import Dataset
from pydicom.tag import Tag

SERIES_VOCABULARY = frozenset(
    {
        "2D",
        "3D",
        "ABDOMEN",
        "AC",
        "ADC",
        "ARMS",
        "AXIAL",
        "BODY",
        "BONE",
        "BRAIN",
        "CHEST",
        "CONTRAST",
        "CORONAL",
        "CORRECTED",
        "CT",
        "CTAC",
        "CTNAC",
        "DELAYED",
        "DYNAMIC",
        "EARLY",
        "F18",
        "FDG",
        "FUSED",
        "GATED",
        "GTV",
        "HEAD",
        "HR",
        "IRAC",
        "LEGS",
        "LOWDOSE",
        "LUNG",
        "MAC",
        "MASK",
        "MIP",
        "MR",
        "NAC",
        "NATIVE",
        "NECK",
        "NON",
        "OSEM",
        "PELVIS",
        "PET",
        "PETCT",
        "PHANTOM",
        "POST",
        "PRE",
        "PSF",
        "REGISTERED",
        "ROI",
        "RTSTRUCT",
        "SAGITTAL",
        "SEG",
        "SEGMENTATION",
        "SOFT",
        "STANDARD",
        "STATIC",
        "SUV",
        "SYNTHETIC",
        "THICK",
        "THIGH",
        "THIN",
        "THORAX",
        "TOF",
        "TORSO",
        "TRANSVERSE",
        "UNCORRECTED",
        "VPFX",
        "VPFXS",
        "WB",
        "WBCT",
        "WHOLE",
        "WHOLEBODY",
        "WITH",
        "WITHOUT",
    }
)
REMOVED = "REMOVED"
SHORTEST_IDENTIFIER = 3
_NAMES = (
    "PatientName",
    "OtherPatientNames",
    "PatientBirthName",
    "PatientMotherBirthName",
    "ReferringPhysicianName",
    "PerformingPhysicianName",
    "OperatorsName",
    "PhysiciansOfRecord",
    "NameOfPhysiciansReadingStudy",
    "RequestingPhysician",
    "ContentCreatorName",
    "ROIInterpreter",
    "ReviewerName",
    "ConsultingPhysicianName",
)
_CODES = (
    "PatientID",
    "OtherPatientIDs",
    "AccessionNumber",
    "PatientBirthDate",
    "StudyID",
    "InstitutionName",
    "InstitutionAddress",
    "PatientAddress",
    "StationName",
    "DeviceSerialNumber",
    "PatientTelephoneNumbers",
    "MedicalRecordLocator",
    "MilitaryRank",
    "AdmissionID",
    "PerformedProcedureStepID",
)

_IDENTIFYING = frozenset(Tag(keyword) for keyword in (*_NAMES, *_CODES))
MOST_HEADERS_MET = 256
_met: dict[tuple, tuple[str, ...]] = {}


def clean_series_description(text: str) -> str:
    """The words of the vocabulary, in order: enough to tell corrected PET from CT, too little for a name."""
    words = re.findall(r"[A-Z0-9]+", text.upper())
    return " ".join(word for word in words if word in SERIES_VOCABULARY)


def known_identifiers(dataset: Dataset) -> tuple[str, ...]:
    """What the header itself says about who the patient and the staff are: names in parts, numbers whole.

    The slices of a series say the same, so that each wording is taken apart once.
    """
    present = [(int(tag), dataset.get_item(tag)) for tag in _IDENTIFYING & dataset.keys()]
    said = frozenset((tag, str(element.VR), repr(element.value)) for tag, element in present)
    key = (said, str(dataset.original_character_set))
    if key not in _met:
        if len(_met) >= MOST_HEADERS_MET:
            _met.clear()
        _met[key] = _identifiers(dataset)
    return _met[key]


def _identifiers(dataset: Dataset) -> tuple[str, ...]:
    found: set[str] = set()
    for keyword in _NAMES:
        for value in _values(dataset, keyword):
            found.update(re.split(r"[\^=\s,]+", value))
    for keyword in _CODES:
        found.update(_values(dataset, keyword))
    long_enough = {item.strip() for item in found if _is_telling(item.strip())}
    return tuple(sorted(long_enough, key=len, reverse=True))


def scrub(text: str, identifiers: tuple[str, ...]) -> str:
    """The text with every known identifier replaced, whatever its case."""
    return _any_of(identifiers).sub(REMOVED, text) if identifiers else text


@lru_cache(maxsize=64)
def _any_of(identifiers: tuple[str, ...]) -> re.Pattern:
    """The longest identifiers come first, so that none leaves a rest of another behind."""
    return re.compile("|".join(re.escape(identifier) for identifier in identifiers), re.IGNORECASE)


def _is_telling(item: str) -> bool:
    """Initials and one-digit study numbers would strike out harmless words; two ideographs are a whole name."""
    return len(item) >= SHORTEST_IDENTIFIER or (len(item) == 2 and not item.isascii())


def _values(dataset: Dataset, keyword: str) -> list[str]:
    try:
        value = dataset.get(keyword)
    except (ValueError, NotImplementedError, TypeError):
        return []
    if value is None:
        return []
    return [str(part) for part in (value if isinstance(value, (list, tuple)) or hasattr(value, "append") else [value])]
