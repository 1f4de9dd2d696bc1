"""Write a phantom's CT and PET as DICOM series in ordinary hospital style, every SUV input in its place."""

import hashlib
import uuid
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path

import numpy as np
import pydicom
from pydicom import DataElement, Dataset, Sequence
from pydicom.datadict import dictionary_VR, tag_for_keyword
from pydicom.filebase import DicomBytesIO
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian, PositronEmissionTomographyImageStorage

from worker.compute.phantoms.identifiers import FakeIdentity, plant_identifiers
from worker.compute.phantoms.patient import PhantomPatient
from worker.compute.types import Volume

# Survives de-identification (PS3.15 Table E.1-1 does not name it), so that every later page can say what this is.
SYNTHETIC_MARK = "PETRA synthetic phantom"
DOSE_MBQ_PER_KG = 4.5
HALF_LIFE_S = 6586.2
UPTAKE = timedelta(minutes=60)
SECONDS_PER_BED, BED_MM = 120, 150.0
CT_INTERCEPT_HU = -1024
LARGEST_STORED = 32767


@dataclass(frozen=True, kw_only=True)
class Visit:
    """What the files of one patient's PET/CT share."""

    patient: PhantomPatient
    identity: FakeIdentity

    def uid(self, what: str) -> str:
        """The same for the same planned patient, so that a cohort written twice is the same cohort."""
        seed = f"{self.identity.hospital_number}/{self.patient.plan.image_seed}/{what}"
        return f"2.25.{uuid.UUID(bytes=hashlib.sha256(seed.encode()).digest()[:16], version=5).int}"

    @property
    def scan_start(self) -> datetime:
        minutes = self.patient.plan.image_seed % 360
        return datetime.combine(self.patient.clinical.pet_date, time(9)) + timedelta(minutes=minutes)

    @property
    def injected(self) -> datetime:
        return self.scan_start - UPTAKE

    @property
    def injected_dose_bq(self) -> float:
        return DOSE_MBQ_PER_KG * 1e6 * self.patient.clinical.weight_kg


def plan_visit(patient: PhantomPatient) -> Visit:
    record = patient.clinical
    days_after_birthday = 30 + patient.plan.image_seed % 300
    born = record.pet_date.replace(day=1, year=record.pet_date.year - record.age_years) - timedelta(days_after_birthday)
    return Visit(patient=patient, identity=FakeIdentity(hospital_number=record.hospital_number, birth_date=born))


def write_images(visit: Visit, folder: Path) -> list[Dataset]:
    """``folder/CT`` and ``folder/PET``; returns the PET headers in slice order, for contours to refer to."""
    write_ct(visit, folder / "CT")
    return write_pet(visit, folder / "PET")


def write_ct(visit: Visit, folder: Path) -> None:
    """Stored values are HU + 1024 with intercept −1024."""
    volume = visit.patient.ct
    header = _common_header(visit, "CT", CTImageStorage, 2, "SYNTHETIC PHANTOM CT WB", volume)
    header.ImageType = ["ORIGINAL", "PRIMARY", "AXIAL"]
    header.KVP, header.XRayTubeCurrent, header.ConvolutionKernel = "120", "80", "STANDARD"
    header.DataCollectionDiameter = header.ReconstructionDiameter = 500
    header.RescaleIntercept, header.RescaleSlope, header.RescaleType = CT_INTERCEPT_HU, 1, "HU"
    header.WindowCenter, header.WindowWidth = "40", "400"
    stored = (volume.array_zyx.astype(np.int32) - CT_INTERCEPT_HU).astype(np.int16)
    header.AcquisitionDate, header.AcquisitionTime = _da(visit.scan_start.date()), _tm(visit.scan_start)
    writer = _SeriesWriter(header, visit, volume, folder)
    for index in range(len(stored)):
        writer.write(index, stored[index])


def write_pet(visit: Visit, folder: Path) -> list[Dataset]:
    """Activity concentration at the start of the series (BQML, DecayCorrection START), a slope of its own per slice."""
    volume, weight_g = visit.patient.suv_bw, visit.patient.clinical.weight_kg * 1000
    header = _common_header(
        visit, "PT", PositronEmissionTomographyImageStorage, 3, "SYNTHETIC PHANTOM PET WB AC", volume
    )
    _describe_pet(header, visit, len(volume.array_zyx))
    decayed_bq = visit.injected_dose_bq * 0.5 ** (UPTAKE.total_seconds() / HALF_LIFE_S)
    activity_bqml = volume.array_zyx.astype(np.float64) * decayed_bq / weight_g
    writer, written = _SeriesWriter(header, visit, volume, folder), []
    for index, values in enumerate(activity_bqml):
        slope = f"{max(float(values.max()), 1.0) / LARGEST_STORED:.10g}"
        stored = np.clip(np.rint(values / float(slope)), 0, LARGEST_STORED).astype(np.int16)
        bed = int(index * volume.geometry.spacing_mm[2] / BED_MM)
        at = visit.scan_start + timedelta(seconds=SECONDS_PER_BED * bed)
        own = {"RescaleSlope": slope, "AcquisitionDate": _da(at.date()), "AcquisitionTime": _tm(at)}
        decay = f"{2 ** (SECONDS_PER_BED * bed / HALF_LIFE_S):.6f}"
        written.append(writer.write(index, stored, ImageIndex=index + 1, DecayFactor=decay, **own))
    return written


def _common_header(
    visit: Visit, modality: str, sop_class: str, number: int, description: str, volume: Volume
) -> Dataset:
    """Patient, study, series, frame of reference, equipment and pixel modules."""
    record, header = visit.patient.clinical, Dataset()
    plant_identifiers(header, visit.identity)
    header.SOPClassUID, header.Modality = sop_class, modality
    header.Manufacturer = header.ManufacturerModelName = SYNTHETIC_MARK
    header.PatientSex, header.PatientAge = "F", f"{record.age_years:03d}Y"
    header.PatientSize, header.PatientWeight = record.height_cm / 100, record.weight_kg
    header.StudyInstanceUID, header.SeriesInstanceUID = visit.uid("study"), visit.uid(f"series {modality}")
    header.FrameOfReferenceUID, header.PositionReferenceIndicator = visit.uid("frame"), ""
    header.SeriesNumber, header.SeriesDescription, header.PatientPosition = number, description, "HFS"
    header.BodyPartExamined = "WHOLEBODY"
    for kind in ("Study", "Series", "Content"):
        setattr(header, f"{kind}Date", _da(visit.scan_start.date()))
        setattr(header, f"{kind}Time", _tm(visit.scan_start))
    x_mm, y_mm, z_mm = volume.geometry.spacing_mm
    header.PixelSpacing, header.SliceThickness = [_ds(y_mm), _ds(x_mm)], _ds(z_mm)
    header.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
    header.Rows, header.Columns = volume.geometry.shape_zyx[1:]
    header.SamplesPerPixel, header.PhotometricInterpretation = 1, "MONOCHROME2"
    header.BitsAllocated, header.BitsStored, header.HighBit, header.PixelRepresentation = 16, 16, 15, 1
    header.BurnedInAnnotation = "NO"
    return header


def _describe_pet(header: Dataset, visit: Visit, slices: int) -> None:
    header.ImageType = ["ORIGINAL", "PRIMARY"]
    header.SeriesType, header.Units, header.CountsSource = ["WHOLE BODY", "IMAGE"], "BQML", "EMISSION"
    header.DecayCorrection, header.NumberOfSlices = "START", slices
    header.CorrectedImage = ["NORM", "DTIM", "ATTN", "SCAT", "DECY", "RADL"]
    header.AttenuationCorrectionMethod, header.ScatterCorrectionMethod = "CT", "MODEL"
    header.ReconstructionMethod, header.RandomsCorrectionMethod = "OSEM", "SING"
    header.FrameReferenceTime, header.ActualFrameDuration = 0, SECONDS_PER_BED * 1000
    header.CollimatorType, header.RescaleIntercept = "NONE", 0
    tracer, code = Dataset(), Dataset()
    code.CodeValue, code.CodingSchemeDesignator, code.CodeMeaning = "C-B1031", "SRT", "Fluorodeoxyglucose F^18^"
    tracer.Radiopharmaceutical, tracer.RadiopharmaceuticalCodeSequence = "FDG", Sequence([code])
    tracer.RadiopharmaceuticalStartTime = _tm(visit.injected)
    tracer.RadiopharmaceuticalStartDateTime = f"{visit.injected:%Y%m%d%H%M%S}.00"
    tracer.RadionuclideTotalDose, tracer.RadionuclideHalfLife = _ds(visit.injected_dose_bq), HALF_LIFE_S
    tracer.RadionuclidePositronFraction = 0.967
    header.RadiopharmaceuticalInformationSequence = Sequence([tracer])
    block = header.private_block(0x0009, "GEMS_PETD_01", create=True)
    block.add_new(0x0D, "DT", f"{visit.scan_start:%Y%m%d%H%M%S}.00")


class _SeriesWriter:
    """Writes slices that share a header; what they share is encoded once."""

    def __init__(self, header: Dataset, visit: Visit, volume: Volume, folder: Path) -> None:
        self.header, self.visit, self.volume, self.folder = header, visit, volume, folder
        buffer = DicomBytesIO()
        pydicom.dcmwrite(buffer, header, implicit_vr=False, little_endian=True)
        buffer.seek(0)
        self.encoded = pydicom.dcmread(buffer, force=True)

    def write(self, index: int, stored: np.ndarray, **values) -> Dataset:
        """Writes one slice with its own values; returns its header without pixels."""
        x, y, z = self.volume.geometry.origin_lps_mm
        position_mm = z + index * self.volume.geometry.spacing_mm[2]
        values |= {
            "InstanceNumber": index + 1,
            "SliceLocation": _ds(position_mm),
            "ImagePositionPatient": [_ds(x), _ds(y), _ds(position_mm)],
            "SOPInstanceUID": self.visit.uid(f"{self.header.Modality} {index}"),
        }
        _set(self.header, **values)
        _set(self.encoded, **values, PixelData=stored.tobytes())
        write_dicom(self.encoded, self.visit, self.folder / f"IM{index + 1:05d}.dcm")
        return Dataset(dict(self.header.items()))


def _set(header: Dataset, **values) -> None:
    """Sets values in new elements: copies of the header share its elements and must keep their own values."""
    for keyword, value in values.items():
        tag = tag_for_keyword(keyword)
        header[tag] = DataElement(tag, "OW" if keyword == "PixelData" else dictionary_VR(tag), value)


def write_dicom(dataset: Dataset, visit: Visit, path: Path) -> None:
    """One file in explicit little endian, whose file meta group names a sending application as well."""
    meta = pydicom.dataset.FileMetaDataset()
    meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID = dataset.SOPClassUID, dataset.SOPInstanceUID
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    meta.SourceApplicationEntityTitle = visit.identity.text("AE")
    path.parent.mkdir(parents=True, exist_ok=True)
    dataset.file_meta, dataset.preamble = meta, bytes(128)
    pydicom.dcmwrite(path, dataset, enforce_file_format=True)


def _da(day: date) -> str:
    return f"{day:%Y%m%d}"


def _tm(moment: datetime) -> str:
    return f"{moment:%H%M%S}.00"


def _ds(value: float) -> str:
    """DICOM's decimal string: at most 16 characters."""
    return f"{value:.9g}"
