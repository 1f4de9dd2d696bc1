"""De-identify one DICOM dataset: a new dataset is built of what may stay, so what is not understood is not there."""

from dataclasses import dataclass, field
from functools import cache, lru_cache

from dicomanonymizer import simpledicomanonymizer as library
from pydicom import DataElement, Dataset, Sequence
from pydicom.charset import convert_encodings
from pydicom.config import IGNORE
from pydicom.dataelem import RawDataElement
from pydicom.multival import MultiValue
from pydicom.tag import BaseTag, Tag

from worker.compute.deidentify import rules
from worker.compute.deidentify.dates import age_string, parse_date, shift_value
from worker.compute.deidentify.encoding import encoded_element
from worker.compute.deidentify.memory import ElementMemory
from worker.compute.deidentify.private import safe_private_elements
from worker.compute.deidentify.pseudonyms import Pseudonymiser
from worker.compute.deidentify.text import clean_series_description, known_identifiers, scrub
from worker.compute.errors import UnreadableInput

UTF_8 = "ISO_IR 192"
# A dataset whose text is in the encoding that it was "read" in is written without decoding its numbers.
UTF_8_CODECS = convert_encodings(UTF_8)
SPECIFIC_CHARACTER_SET = int(Tag("SpecificCharacterSet"))
OLDEST_SHOWN_AGE_YEARS = 89
DEIDENTIFICATION_CODES = (
    ("113100", "Basic Application Confidentiality Profile"),
    ("113105", "Clean Descriptors Option"),
    ("113107", "Retain Longitudinal Temporal Information Modified Dates Option"),
    ("113108", "Retain Patient Characteristics Option"),
    ("113111", "Retain Safe Private Option"),
)
# Everything that pydicom can raise on a value that does not fit its VR; such a value is left out.
VALUE_ERRORS = (ValueError, TypeError, NotImplementedError, OverflowError, AttributeError, KeyError, EOFError)


@dataclass(frozen=True)
class _Patient:
    """What cleaning one instance needs to know of it, and what was kept of its elements before."""

    pseudonymiser: Pseudonymiser
    shift_days: int
    identifiers: tuple[str, ...]
    memory: ElementMemory = field(default_factory=lambda: ElementMemory(UTF_8_CODECS))


def deidentify_dataset(dataset: Dataset, pseudonymiser: Pseudonymiser) -> Dataset:
    """A new dataset after PS3.15 Annex E's Basic Profile with the five options of ``DEIDENTIFICATION_CODES``.

    Pixel data is untouched, text is in UTF-8, the input is not changed; the file meta group is not part of it.
    Raises ComputeError without a PatientID, because neither pseudonym nor date shift could be formed.
    """
    patient_id = str(dataset.get("PatientID") or "")
    patient = _patient(pseudonymiser, patient_id, known_identifiers(dataset))
    clean = _clean_level(dataset, patient)
    clean.SpecificCharacterSet = UTF_8
    clean.PatientName = clean.PatientID = pseudonymiser.pseudonym(patient_id)
    _retain_age(dataset, clean)
    _declare(clean)
    return clean


@lru_cache(maxsize=4)
def _patient(pseudonymiser: Pseudonymiser, patient_id: str, identifiers: tuple[str, ...]) -> _Patient:
    """Series of one patient follow each other: a few patients at a time keep their memory."""
    return _Patient(pseudonymiser, pseudonymiser.shift_days(patient_id), identifiers)


def acquisition_month(dataset: Dataset) -> int | None:
    """The calendar month (1–12) of the scan before dates shift, and nothing finer: cold drives brown fat."""
    for keyword in ("AcquisitionDate", "AcquisitionDateTime", "SeriesDate", "ContentDate", "StudyDate"):
        day = parse_date(str(dataset.get(keyword) or ""))
        if day is not None:
            return day.month
    return None


def _clean_level(dataset: Dataset, patient: _Patient) -> Dataset:
    """One level of nesting: every element is copied, treated and kept only if something is left of it."""
    charset = str(dataset.original_character_set or dataset._character_set)
    kept = {}
    for tag in sorted(dataset.keys(), key=int):
        if not rules.is_dropped_unseen(int(tag)) and int(tag) != SPECIFIC_CHARACTER_SET:
            element = _kept(dataset, tag, patient, charset)
            if element is not None:
                kept[tag] = element
    clean = Dataset(kept)
    implicit_vr, little_endian = dataset.original_encoding
    clean.set_original_encoding(implicit_vr, little_endian, UTF_8_CODECS)
    for element in safe_private_elements(dataset):
        clean[element.tag] = element
        if element.VR in rules.DATE_VRS:
            _replace(clean, element.tag, shift_value(str(element.value), patient.shift_days))
    return clean


def _kept(source: Dataset, tag: BaseTag, patient: _Patient, charset: str) -> DataElement | RawDataElement | None:
    try:
        raw = source.get_item(tag)
        if not isinstance(raw, RawDataElement):
            return _treated(source, tag, patient)
        if rules.is_kept_unread(tag, raw.VR, raw.value):
            return raw
        return patient.memory.recall(raw, charset, lambda: _treated(source, tag, patient))
    except VALUE_ERRORS as error:
        if tag.group == 0x7FE0:
            raise UnreadableInput("The pixel data is damaged: export the series again.") from error
        return None


def _treated(source: Dataset, tag: BaseTag, patient: _Patient) -> DataElement | None:
    element = source[tag]
    alone = Dataset()
    alone[tag] = DataElement(tag, element.VR, element.value, validation_mode=IGNORE)
    _treat(alone, tag, patient)
    return alone.get(tag)


def _treat(clean: Dataset, tag: BaseTag, patient: _Patient) -> None:
    """The retained options first, then the profile's table, then the kind of value."""
    vr = clean[tag].VR
    if tag in rules.PATIENT_CHARACTERISTICS or tag == rules.TIMEZONE:
        return
    if vr in rules.DATE_VRS | {"TM"} and tag not in rules.DATES_OF_THE_PERSON:
        _shift_dates(clean, tag, patient)
    elif vr == "UI":
        _each_value(clean, tag, patient.pseudonymiser.uid)
    elif tag in rules.REGION_NAMES:
        _each_value(clean, tag, lambda text: scrub(text, patient.identifiers))
    elif tag == rules.SERIES_DESCRIPTION:
        _each_value(clean, tag, lambda text: scrub(clean_series_description(text), patient.identifiers))
    elif (action := rules.profile_action(tag)) is not None and tag not in rules.IMAGE_REFERENCES:
        _apply_profile(clean, tag, action)
    else:
        _treat_untabled(clean, tag, vr, patient)


def _apply_profile(clean: Dataset, tag: BaseTag, action: rules.LibraryAction) -> None:
    """The library's action, save where it would leave a dummy date or fill a sequence with dummies instead of removing.

    Sequences that may be removed are, the others emptied: none of the table is type 1 in what is stored here.
    """
    element = clean[tag]
    removable = action not in (library.replace, library.empty, library.empty_or_replace)
    if element.VR == "SQ":
        _replace(clean, tag, Sequence())
    if action is library.delete or (element.VR == "SQ" and removable):
        del clean[tag]
    elif element.VR in ("DA", "DT", "TM") and action is library.empty:
        _replace(clean, tag, "")
    elif element.VR != "SQ":
        action(clean, (tag.group, tag.element))


def _treat_untabled(clean: Dataset, tag: BaseTag, vr: str, patient: _Patient) -> None:
    if vr == "SQ":
        items = [_clean_level(item, patient) for item in clean[tag].value]
        _replace(clean, tag, Sequence(items))
    elif rules.is_dropped_by_vr(tag, vr):
        del clean[tag]
    elif vr in ("LO", "SH", "CS"):
        _each_value(clean, tag, lambda text: scrub(text, patient.identifiers))


def _shift_dates(clean: Dataset, tag: BaseTag, patient: _Patient) -> None:
    """Dates move; a time of day stays, if it is one."""
    if clean[tag].VR == "TM":
        _each_value(clean, tag, lambda text: text if set(text.strip()) <= set("0123456789.:") else "")
    else:
        _each_value(clean, tag, lambda text: shift_value(text, patient.shift_days))


def _each_value(clean: Dataset, tag: BaseTag, change) -> None:
    value = clean[tag].value
    if value is None or value == "":
        return
    if isinstance(value, (MultiValue, list, tuple)):
        _replace(clean, tag, [change(str(part)) for part in value])
    else:
        _replace(clean, tag, change(str(value)))


def _replace(clean: Dataset, tag: BaseTag, value) -> None:
    clean[tag] = DataElement(tag, clean[tag].VR, value, validation_mode=IGNORE)


def _retain_age(source: Dataset, clean: Dataset) -> None:
    """The age at the scan, worked out of the birth date where the header has none; above 89 years it would identify."""
    birth, study = (parse_date(str(source.get(keyword) or "")) for keyword in ("PatientBirthDate", "StudyDate"))
    if not clean.get("PatientAge") and birth and study:
        clean.PatientAge = age_string(birth, study)
    age = str(clean.get("PatientAge") or "")
    if age.endswith("Y") and age[:-1].isdigit() and int(age[:-1]) > OLDEST_SHOWN_AGE_YEARS:
        clean.PatientAge = f"{OLDEST_SHOWN_AGE_YEARS + 1:03d}Y"


def _declare(clean: Dataset) -> None:
    """PS3.15 E.1.1: the dataset says that, and by which options, it was de-identified."""
    for element in _declaration(*clean.original_encoding):
        clean[element.tag] = element


@cache
def _declaration(implicit_vr: bool | None, little_endian: bool | None) -> list[DataElement | RawDataElement]:
    """The same four elements in every instance, encoded once where it is known how."""
    said = Dataset()
    said.PatientIdentityRemoved = "YES"
    said.LongitudinalTemporalInformationModified = "MODIFIED"
    said.DeidentificationMethod = ["PETRA", "DICOM PS3.15 Basic Profile"]
    said.DeidentificationMethodCodeSequence = Sequence(
        _code(value, meaning) for value, meaning in DEIDENTIFICATION_CODES
    )
    if implicit_vr is None or little_endian is None:
        return list(said)
    return [encoded_element(element, UTF_8_CODECS, implicit_vr, little_endian) for element in said]


def _code(value: str, meaning: str) -> Dataset:
    code = Dataset()
    code.CodeValue, code.CodingSchemeDesignator, code.CodeMeaning = value, "DCM", meaning
    return code
