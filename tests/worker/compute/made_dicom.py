"""Small valid DICOM files that tests write, change and break."""

from pathlib import Path

import numpy as np
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.sequence import Sequence
from pydicom.uid import (
    CTImageStorage,
    ExplicitVRLittleEndian,
    PositronEmissionTomographyImageStorage,
    RTStructureSetStorage,
    generate_uid,
)

FRAME_UID = "1.2.826.0.1.3680043.8.498.1"
ROWS, COLUMNS = 6, 8


def _common(sop_class: str, modality: str, series_uid: str) -> Dataset:
    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.SOPClassUID = dataset.file_meta.MediaStorageSOPClassUID = sop_class
    dataset.SOPInstanceUID = dataset.file_meta.MediaStorageSOPInstanceUID = generate_uid()
    dataset.StudyInstanceUID = "1.2.826.0.1.3680043.8.498.2"
    dataset.SeriesInstanceUID = series_uid
    dataset.Modality = modality
    return dataset


def image(
    z_mm: float, *, modality: str = "CT", series_uid: str = "1.2.826.0.1.3680043.8.498.3", value: int = 1000
) -> Dataset:
    """One 6 x 8 slice at z, 2 x 3 mm pixels, every stored pixel ``value``."""
    sop_class = CTImageStorage if modality == "CT" else PositronEmissionTomographyImageStorage
    dataset = _common(sop_class, modality, series_uid)
    dataset.FrameOfReferenceUID = FRAME_UID
    dataset.ImagePositionPatient = [-10, -20, z_mm]
    dataset.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
    dataset.PixelSpacing = [3, 2]
    dataset.SliceThickness = 4
    dataset.Rows, dataset.Columns = ROWS, COLUMNS
    dataset.SamplesPerPixel, dataset.PhotometricInterpretation = 1, "MONOCHROME2"
    dataset.BitsAllocated = dataset.BitsStored = 16
    dataset.HighBit, dataset.PixelRepresentation = 15, 0
    dataset.RescaleSlope, dataset.RescaleIntercept = 1, -1024
    dataset.PixelData = np.full((ROWS, COLUMNS), value, np.uint16).tobytes()
    return dataset


def pet_image(z_mm: float, **changes) -> Dataset:
    """A PET slice of 1000 Bq/ml: 70 kg, 350 MBq at 10:00, scanned at 11:00, decay START; ``changes`` set attributes."""
    dataset = image(z_mm, modality="PT", series_uid="1.2.826.0.1.3680043.8.498.4")
    dataset.RescaleIntercept = 0
    dataset.Units, dataset.DecayCorrection = "BQML", "START"
    dataset.CorrectedImage = ["ATTN", "DECY", "SCAT"]
    dataset.SeriesDate = dataset.AcquisitionDate = "20260302"
    dataset.SeriesTime = dataset.AcquisitionTime = "110000"
    dataset.PatientWeight = 70
    dose = Dataset()
    dose.RadiopharmaceuticalStartTime, dose.RadionuclideTotalDose, dose.RadionuclideHalfLife = "100000", 350e6, 6586.2
    dataset.RadiopharmaceuticalInformationSequence = Sequence([dose])
    for name, value in changes.items():
        target = dose if name in dose or name == "RadiopharmaceuticalStartDateTime" else dataset
        if value is None:
            delattr(target, name)
        else:
            setattr(target, name, value)
    return dataset


def structure_set(rois: dict[str, list[np.ndarray]], frame_uid: str = FRAME_UID) -> Dataset:
    """An RTSTRUCT with closed contours in mm LPS; it names no image at all."""
    dataset = _common(RTStructureSetStorage, "RTSTRUCT", "1.2.826.0.1.3680043.8.498.5")
    dataset.StructureSetROISequence, dataset.ROIContourSequence = Sequence(), Sequence()
    for number, (name, contours) in enumerate(rois.items(), start=1):
        roi, drawn = Dataset(), Dataset()
        roi.ROINumber, roi.ROIName, roi.ReferencedFrameOfReferenceUID = number, name, frame_uid
        drawn.ReferencedROINumber, drawn.ContourSequence = number, Sequence()
        for points in contours:
            contour = Dataset()
            contour.ContourGeometricType, contour.NumberOfContourPoints = "CLOSED_PLANAR", len(points)
            contour.ContourData = [round(float(v), 4) for v in np.asarray(points).ravel()]
            drawn.ContourSequence.append(contour)
        dataset.StructureSetROISequence.append(roi)
        dataset.ROIContourSequence.append(drawn)
    return dataset


def save(dataset: Dataset, path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    dataset.save_as(path, enforce_file_format=True)
    return path


def save_all(datasets: list[Dataset], folder: Path) -> Path:
    """Files whose names are in no order of position."""
    for number, dataset in enumerate(datasets):
        save(dataset, folder / f"{(number * 7) % 10}_{number}.dcm")
    return folder
