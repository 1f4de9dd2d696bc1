"""Regions from outside (RTSTRUCT, DICOM SEG or NIfTI): what a file holds, and one region on a grid."""

from pathlib import Path

from pydicom.dataset import Dataset
from pydicom.uid import RTStructureSetStorage, SegmentationStorage

from worker.compute.dicom_files import read_header, reason
from worker.compute.errors import EmptyMask, UnreadableInput
from worker.compute.geometry import check_same_frame
from worker.compute.resample import resample_to
from worker.compute.roi import RoiSummary, choose_roi
from worker.compute.roi_contours import ContourRoi, read_contours
from worker.compute.roi_raster import rasterise_contours
from worker.compute.roi_voxels import nifti_mask, nifti_rois, seg_mask, seg_rois
from worker.compute.types import Geometry, Volume

_LABEL_MAP_SEGMENTATION_STORAGE = "1.2.840.10008.5.1.4.1.1.66.7"
_SEG_CLASSES = (SegmentationStorage, _LABEL_MAP_SEGMENTATION_STORAGE)


def list_rois(path: Path | str) -> list[RoiSummary]:
    """The regions of an RTSTRUCT, DICOM SEG or NIfTI mask in the file's order. Raises UnreadableInput."""
    if _is_nifti(path):
        return nifti_rois(path)
    dataset = _read(path)
    if dataset.SOPClassUID == RTStructureSetStorage:
        return [roi.summary() for roi in read_contours(dataset)]
    return seg_rois(dataset)


def rasterise_roi(path: Path | str, reference: Geometry, roi_name: str | int) -> Volume:
    """One region (by name, or by number; an int is always a number) as 0/1 on ``reference``.

    Contours are filled by position and voxel masks resampled to the nearest voxel. ``metadata`` has the region's name
    and number and the warnings. Raises UnreadableInput for a wrong name (listing the names), FrameOfReferenceMismatch,
    GeometryMismatch for a region outside the grid, EmptyMask.
    """
    if _is_nifti(path):
        return _voxels_on(nifti_mask(path, roi_name), reference, choose_roi(nifti_rois(path), roi_name))
    dataset = _read(path)
    if dataset.SOPClassUID != RTStructureSetStorage:
        return _voxels_on(seg_mask(dataset, roi_name), reference, choose_roi(seg_rois(dataset), roi_name))
    rois = {roi.number: roi for roi in read_contours(dataset)}
    summary = choose_roi([roi.summary() for roi in rois.values()], roi_name)
    return _contours_on(rois[summary.number], reference, summary)


def _contours_on(roi: ContourRoi, reference: Geometry, summary: RoiSummary) -> Volume:
    drawn_on = Geometry(
        size_xyz=(1, 1, 1),
        spacing_mm=reference.spacing_mm,
        origin_lps_mm=reference.origin_lps_mm,
        frame_of_reference_uid=roi.frame_of_reference_uid,
    )
    check_same_frame(drawn_on, reference, f"the region '{roi.name}'", "the series")
    array_zyx, warnings = rasterise_contours(roi, reference)
    return Volume(array_zyx=array_zyx, geometry=reference, unit="label", metadata=_metadata(summary, warnings))


def _voxels_on(mask: Volume, reference: Geometry, summary: RoiSummary) -> Volume:
    if not mask.array_zyx.any():
        raise EmptyMask(f"The region '{summary.name}' has no voxel: choose another region.")
    resampled, _ = resample_to(mask, reference, interpolation="nearest")
    if not resampled.array_zyx.any():
        raise EmptyMask(
            f"The region '{summary.name}' has no voxel on the series: give the series that it was drawn on."
        )
    ratio = (
        resampled.array_zyx.sum() * reference.voxel_volume_ml / (mask.array_zyx.sum() * mask.geometry.voxel_volume_ml)
    )
    lost = () if ratio > 0.9 else (f"Only {ratio:.0%} of the region '{summary.name}' lies on the series.",)
    return Volume(array_zyx=resampled.array_zyx, geometry=reference, unit="label", metadata=_metadata(summary, lost))


def _metadata(summary: RoiSummary, warnings: tuple[str, ...]) -> dict:
    return {"roi_name": summary.name, "roi_number": summary.number, "warnings": list(warnings)}


def _is_nifti(path: Path | str) -> bool:
    return str(path).endswith((".nii", ".nii.gz"))


def _read(path: Path | str) -> Dataset:
    name = Path(path).name
    if not Path(path).is_file():
        raise UnreadableInput(f"{path} is not a file: give an RTSTRUCT, DICOM SEG or NIfTI mask.")
    try:
        dataset = read_header(path, pixels=True)
    except Exception as error:  # A damaged file raises anything out of the parser.
        raise UnreadableInput(
            f"{name} cannot be read ({reason(error)}): give an RTSTRUCT, DICOM SEG or NIfTI mask."
        ) from error
    if dataset.get("SOPClassUID") not in (RTStructureSetStorage, *_SEG_CLASSES):
        kind = dataset.get("Modality") or "another kind of object"
        raise UnreadableInput(f"{name} is {kind}, not an RTSTRUCT or DICOM SEG: give the file that holds the regions.")
    return dataset
