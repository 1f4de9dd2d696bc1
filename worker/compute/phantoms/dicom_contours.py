"""Write a reader's lesions as an RT Structure Set (polygons by position) or as a DICOM Segmentation on the PET grid."""

from pathlib import Path

import highdicom
import numpy as np
from pydicom import Dataset, Sequence
from pydicom.sr.codedict import codes
from pydicom.uid import RTStructureSetStorage
from skimage.measure import find_contours

from worker.compute.phantoms.dicom_images import SYNTHETIC_MARK, Visit, write_dicom
from worker.compute.phantoms.identifiers import plant_identifiers
from worker.compute.phantoms.lesions import ROI_NAMES, ROLES
from worker.compute.types import Geometry, Volume


def write_rtstruct(visit: Visit, reading: Volume, reader: int, pet_headers: list[Dataset], path: Path) -> None:
    """One ROI per role that the reader drew; a polygon runs halfway between voxels in and out of the mask."""
    dataset = _rtstruct_header(visit, reader, pet_headers)
    dataset.StructureSetROISequence, dataset.ROIContourSequence = Sequence(), Sequence()
    dataset.RTROIObservationsSequence = Sequence()
    for number, role in enumerate(_roles_in(reading), start=1):
        mask = reading.array_zyx == ROLES[role]
        _add_roi(dataset, number, ROI_NAMES[role], _polygons(mask, reading.geometry, pet_headers), visit)
    write_dicom(dataset, visit, path)


def write_segmentation(visit: Visit, reading: Volume, reader: int, pet_headers: list[Dataset], path: Path) -> None:
    """A binary DICOM SEG with one segment per role that the reader drew."""
    roles = _roles_in(reading)
    labels = np.zeros_like(reading.array_zyx)
    for number, role in enumerate(roles, start=1):
        labels[reading.array_zyx == ROLES[role]] = number
    segmentation = highdicom.seg.Segmentation(
        source_images=pet_headers,
        pixel_array=labels,
        segmentation_type=highdicom.seg.SegmentationTypeValues.BINARY,
        segment_descriptions=[_segment(number, ROI_NAMES[role]) for number, role in enumerate(roles, start=1)],
        series_instance_uid=visit.uid(f"series seg {reader}"),
        series_number=20 + reader,
        sop_instance_uid=visit.uid(f"seg {reader}"),
        instance_number=1,
        manufacturer=SYNTHETIC_MARK,
        manufacturer_model_name=SYNTHETIC_MARK,
        software_versions="1",
        device_serial_number=visit.identity.text("Serial"),
        content_creator_name=f"{visit.identity.text('Reader')}^",
        series_description="SYNTHETIC PHANTOM PET SEG",
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    segmentation.save_as(path)


def _roles_in(reading: Volume) -> list[str]:
    return [role for role, label in ROLES.items() if (reading.array_zyx == label).any()]


def _segment(number: int, label: str) -> highdicom.seg.SegmentDescription:
    return highdicom.seg.SegmentDescription(
        segment_number=number,
        segment_label=label,
        segmented_property_category=codes.SCT.MorphologicallyAbnormalStructure,
        segmented_property_type=codes.SCT.Neoplasm,
        algorithm_type=highdicom.seg.SegmentAlgorithmTypeValues.MANUAL,
    )


def _rtstruct_header(visit: Visit, reader: int, pet_headers: list[Dataset]) -> Dataset:
    dataset, first = Dataset(), pet_headers[0]
    plant_identifiers(dataset, visit.identity)
    for keyword in ("StudyInstanceUID", "FrameOfReferenceUID", "StudyDate", "StudyTime", "PatientSex", "PatientAge"):
        setattr(dataset, keyword, first.get(keyword))
    dataset.SOPClassUID, dataset.SOPInstanceUID = RTStructureSetStorage, visit.uid(f"rtstruct {reader}")
    dataset.SeriesInstanceUID, dataset.SeriesNumber = visit.uid(f"series rtstruct {reader}"), 10 + reader
    dataset.Modality, dataset.SeriesDescription = "RTSTRUCT", "SYNTHETIC PHANTOM PET RTSTRUCT"
    dataset.Manufacturer = dataset.ManufacturerModelName = SYNTHETIC_MARK
    dataset.StructureSetLabel = visit.identity.text("Plan")
    dataset.StructureSetDate, dataset.StructureSetTime = first.StudyDate, first.StudyTime
    dataset.ReferencedFrameOfReferenceSequence = Sequence([_frame_reference(first, pet_headers)])
    return dataset


def _frame_reference(first: Dataset, pet_headers: list[Dataset]) -> Dataset:
    frame, study, series = Dataset(), Dataset(), Dataset()
    series.SeriesInstanceUID = first.SeriesInstanceUID
    series.ContourImageSequence = Sequence([_reference(header) for header in pet_headers])
    study.ReferencedSOPClassUID, study.ReferencedSOPInstanceUID = "1.2.840.10008.3.1.2.3.1", first.StudyInstanceUID
    study.RTReferencedSeriesSequence = Sequence([series])
    frame.FrameOfReferenceUID, frame.RTReferencedStudySequence = first.FrameOfReferenceUID, Sequence([study])
    return frame


def _reference(header: Dataset) -> Dataset:
    reference = Dataset()
    reference.ReferencedSOPClassUID, reference.ReferencedSOPInstanceUID = header.SOPClassUID, header.SOPInstanceUID
    return reference


def _polygons(mask_zyx: np.ndarray, geometry: Geometry, pet_headers: list[Dataset]) -> list[Dataset]:
    polygons = []
    x0, y0, z0 = geometry.origin_lps_mm
    dx, dy, dz = geometry.spacing_mm
    for index in np.flatnonzero(mask_zyx.any(axis=(1, 2))):
        for rows_columns in find_contours(np.pad(mask_zyx[index], 1).astype(float), 0.5):
            outline = rows_columns[:-1] - 1
            points = np.column_stack(
                (x0 + dx * outline[:, 1], y0 + dy * outline[:, 0], np.full(len(outline), z0 + dz * index))
            )
            polygons.append(_polygon(points, pet_headers[index]))
    return polygons


def _polygon(points_lps_mm: np.ndarray, header: Dataset) -> Dataset:
    polygon = Dataset()
    polygon.ContourImageSequence = Sequence([_reference(header)])
    polygon.ContourGeometricType, polygon.NumberOfContourPoints = "CLOSED_PLANAR", len(points_lps_mm)
    polygon.ContourData = [f"{value:.3f}" for value in points_lps_mm.ravel()]
    return polygon


def _add_roi(dataset: Dataset, number: int, name: str, polygons: list[Dataset], visit: Visit) -> None:
    roi, contour, observation = Dataset(), Dataset(), Dataset()
    roi.ROINumber, roi.ROIName, roi.ROIGenerationAlgorithm = number, name, "MANUAL"
    roi.ReferencedFrameOfReferenceUID, roi.ROIDescription = dataset.FrameOfReferenceUID, visit.identity.text("Comment")
    contour.ReferencedROINumber, contour.ROIDisplayColor = number, [255, 64 * number % 256, 0]
    contour.ContourSequence = Sequence(polygons)
    observation.ObservationNumber = observation.ReferencedROINumber = number
    observation.RTROIInterpretedType, observation.ROIInterpreter = "GTV", visit.identity.text("Reader")
    dataset.StructureSetROISequence.append(roi)
    dataset.ROIContourSequence.append(contour)
    dataset.RTROIObservationsSequence.append(observation)
