"""What a de-identified instance says of itself: the few attributes that the platform keeps beside the file."""

from dataclasses import dataclass
from datetime import date

import pydicom

from worker.compute.deidentify.dates import parse_date


@dataclass(frozen=True, kw_only=True)
class InstanceSummary:
    """One stored instance; UIDs, pseudonym and dates are the new ones."""

    pseudonym: str
    study_instance_uid: str
    series_instance_uid: str
    sop_instance_uid: str
    sop_class_uid: str
    modality: str
    frame_of_reference_uid: str
    series_number: int | None
    study_date: date | None
    scan_month: int | None
    manufacturer: str
    model_name: str
    slice_thickness_mm: float | None
    kvp: float | None


def summarise_instance(header: pydicom.Dataset, *, scan_month: int | None) -> InstanceSummary:
    """Reads the header of a de-identified instance; ``scan_month`` is the true one, which the header no longer has."""
    return InstanceSummary(
        pseudonym=str(header.PatientID),
        study_instance_uid=str(header.StudyInstanceUID),
        series_instance_uid=str(header.SeriesInstanceUID),
        sop_instance_uid=str(header.SOPInstanceUID),
        sop_class_uid=str(header.SOPClassUID),
        modality=str(header.get("Modality") or ""),
        frame_of_reference_uid=_frame_of_reference(header),
        series_number=_number(header.get("SeriesNumber"), int),
        study_date=parse_date(str(header.get("StudyDate") or "")),
        scan_month=scan_month,
        manufacturer=str(header.get("Manufacturer") or "")[:64],
        model_name=str(header.get("ManufacturerModelName") or "")[:64],
        slice_thickness_mm=_number(header.get("SliceThickness"), float),
        kvp=_number(header.get("KVP"), float),
    )


def _frame_of_reference(header: pydicom.Dataset) -> str:
    """A structure set carries its frame of reference in a sequence (DICOM PS3.3 C.8.8.5), not at the top."""
    if header.get("FrameOfReferenceUID") or header.get("Modality") != "RTSTRUCT":
        return str(header.get("FrameOfReferenceUID") or "")
    frames = header.get("ReferencedFrameOfReferenceSequence") or []
    return str(frames[0].get("FrameOfReferenceUID") or "") if frames else ""


def _number(value: object, kind: type) -> int | float | None:
    try:
        return None if value in (None, "") else kind(value)
    except (TypeError, ValueError):
        return None
