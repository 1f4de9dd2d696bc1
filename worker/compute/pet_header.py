"""What SUVbw needs from the header of one PET image, read from a dataset or from JSON metadata."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from pydicom.dataset import Dataset
from pydicom.valuerep import DA, DT, TM

_HALF_A_DAY = timedelta(hours=12)
_PHILIPS = 0x7053
_PHILIPS_CREATOR = "Philips PET Private Group"
_GE = 0x0009
_GE_CREATOR = "GEMS_PETD_01"


@dataclass(frozen=True, kw_only=True)
class PetHeader:
    """One image's quantities (DICOM PS3.3 C.8.9.1, C.8.9.2, C.8.9.4); None where the header says nothing usable.

    ``philips_suv_factor`` is (7053,1000) and ``philips_activity_factor`` (7053,1009); ``ge_scan_datetime`` is
    (0009,100D).
    """

    units: str
    suv_type: str
    decay_correction: str
    corrections: tuple[str, ...]
    manufacturer: str
    patient_weight_kg: float | None
    patient_height_m: float | None
    patient_sex: str
    injected_dose_bq: float | None
    half_life_s: float | None
    injection_datetime: datetime | None
    injection_time: TM | None
    series_datetime: datetime | None
    acquisition_datetime: datetime | None
    frame_reference_time_ms: float | None
    frame_duration_ms: float | None
    radiopharmaceutical: str
    radionuclide: str
    philips_suv_factor: float | None
    philips_activity_factor: float | None
    ge_scan_datetime: datetime | None
    administrations: int


def header_from_dataset(dataset: Dataset) -> PetHeader:
    """The header of one PET image; the radiopharmaceutical comes from the first item of its sequence."""
    doses = dataset.get("RadiopharmaceuticalInformationSequence") or ()
    dose = doses[0] if len(doses) else Dataset()
    names = {
        "PhilipsSuv": _private(dataset, _PHILIPS, 0x00, _PHILIPS_CREATOR),
        "PhilipsActivity": _private(dataset, _PHILIPS, 0x09, _PHILIPS_CREATOR),
        "GeScan": _private(dataset, _GE, 0x0D, _GE_CREATOR),
        "Radionuclide": _code_meaning(dose, "RadionuclideCodeSequence"),
        "Administrations": len(doses),
    }
    return _header(lambda name: names[name] if name in names else dose.get(name, dataset.get(name)))


def header_from_json(metadata: Mapping) -> PetHeader:
    """The header of metadata keyed by DICOM keyword, the radiopharmaceutical's attributes beside the others.

    Philips' factors are ``PhilipsPETPrivateGroup`` = {``SUVScaleFactor``, ``ActivityConcentrationScaleFactor``}, GE's
    scan time ``GEPrivatePostInjectionDateTime``, as in cornerstonejs/calculate-suv.
    """
    sequence = metadata.get("RadiopharmaceuticalInformationSequence") or [{}]
    philips = metadata.get("PhilipsPETPrivateGroup") or {}
    names = {
        "PhilipsSuv": philips.get("SUVScaleFactor"),
        "PhilipsActivity": philips.get("ActivityConcentrationScaleFactor"),
        "GeScan": metadata.get("GEPrivatePostInjectionDateTime"),
        "Radionuclide": metadata.get("Radionuclide"),
        "Administrations": len(sequence),
    }
    return _header(lambda name: names[name] if name in names else sequence[0].get(name, metadata.get(name)))


def _header(get) -> PetHeader:
    corrected = get("CorrectedImage") or ()
    return PetHeader(
        units=_text(get("Units")).upper(),
        suv_type=_text(get("SUVType")).upper(),
        decay_correction=_text(get("DecayCorrection")).upper(),
        corrections=tuple(str(c).strip().upper() for c in ([corrected] if isinstance(corrected, str) else corrected)),
        manufacturer=_text(get("Manufacturer")),
        patient_weight_kg=_positive(get("PatientWeight")),
        patient_height_m=_positive(get("PatientSize")),
        patient_sex=_text(get("PatientSex")).upper(),
        injected_dose_bq=_positive(get("RadionuclideTotalDose")),
        half_life_s=_positive(get("RadionuclideHalfLife")),
        injection_datetime=_datetime(get("RadiopharmaceuticalStartDateTime")),
        injection_time=_time(get("RadiopharmaceuticalStartTime")),
        series_datetime=_joined(get("SeriesDate"), get("SeriesTime")),
        acquisition_datetime=_acquired(get),
        frame_reference_time_ms=_positive(get("FrameReferenceTime")),
        frame_duration_ms=_positive(get("ActualFrameDuration")),
        radiopharmaceutical=_text(get("Radiopharmaceutical")),
        radionuclide=_text(get("Radionuclide")),
        philips_suv_factor=_positive(get("PhilipsSuv")),
        philips_activity_factor=_positive(get("PhilipsActivity")),
        ge_scan_datetime=_datetime(get("GeScan")),
        administrations=int(get("Administrations")),
    )


def _acquired(get) -> datetime | None:
    """Acquisition Date and Time; some exporters keep the time and the combined AcquisitionDateTime but not the date.

    A time alone belongs to the series' day, or to the next where that would lie half a day before the series began.
    """
    if get("AcquisitionDate"):
        return _joined(get("AcquisitionDate"), get("AcquisitionTime")) or _datetime(get("AcquisitionDateTime"))
    series = _joined(get("SeriesDate"), get("SeriesTime"))
    acquired = _joined(get("SeriesDate"), get("AcquisitionTime")) or _datetime(get("AcquisitionDateTime"))
    if acquired is not None and series is not None and series - acquired > _HALF_A_DAY:
        return acquired + timedelta(days=1)
    return acquired


def _private(dataset: Dataset, group: int, element: int, creator: str):
    """A private value through its creator, or at its usual address where a de-identifier removed the creator."""
    try:
        return dataset.private_block(group, creator)[element].value
    except KeyError:
        found = dataset.get((group, 0x1000 + element))
        named = dataset.get((group, 0x0010))
        return found.value if found is not None and named is None else None


def _code_meaning(dose: Dataset, sequence: str) -> str:
    codes = dose.get(sequence) or ()
    return str(codes[0].get("CodeMeaning") or codes[0].get("CodeValue") or "") if len(codes) else ""


def _text(value) -> str:
    return str(value or "").strip()


def _decoded(value) -> str:
    """The text of a value; an unknown private element arrives as bytes, padded to even length."""
    text = value.decode("ascii", "replace") if isinstance(value, bytes) else str(value if value is not None else "")
    return text.strip(" \0")


def _positive(value) -> float | None:
    """A finite number above zero; scanners write 0 for "not entered"."""
    try:
        number = float(_decoded(value))
    except ValueError:
        return None
    return number if math.isfinite(number) and number > 0 else None


def _datetime(value) -> datetime | None:
    """A DT value without its offset from UTC: all of an image's times are the scanner's local ones."""
    try:
        parsed = DT(_decoded(value)) if _decoded(value) else None
    except ValueError:
        return None
    return None if parsed is None else datetime(*parsed.timetuple()[:6], parsed.microsecond)


def _time(value) -> TM | None:
    try:
        return TM(_decoded(value)) if _decoded(value) else None
    except ValueError:
        return None


def _joined(date, time) -> datetime | None:
    try:
        day = DA(_decoded(date)) if _decoded(date) else None
    except ValueError:
        return None
    clock = _time(time)
    return None if day is None or clock is None else datetime.combine(day, clock)
