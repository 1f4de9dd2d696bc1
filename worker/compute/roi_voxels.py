"""Regions that are voxels already: segments of a DICOM SEG, labels of a NIfTI mask, each on its own grid."""

from pathlib import Path

import highdicom as hd
import numpy as np
from pydicom.dataset import Dataset

from worker.compute.dicom_files import reason
from worker.compute.errors import UnreadableInput
from worker.compute.nifti import read_nifti
from worker.compute.roi import RoiSummary, choose_roi
from worker.compute.types import Geometry, Volume


def seg_rois(dataset: Dataset) -> list[RoiSummary]:
    """The segments of a DICOM SEG (PS3.3 C.8.20); the volume is known once a segment is read.

    Number 0 is the background of a label map (PS3.3 C.8.20.2), which is no region.
    """
    return [
        RoiSummary(number=int(segment.SegmentNumber), name=str(segment.get("SegmentLabel") or ""))
        for segment in dataset.get("SegmentSequence") or ()
        if int(segment.SegmentNumber) > 0
    ]


def seg_mask(dataset: Dataset, roi_name: str | int) -> Volume:
    """One segment as 0/1 on the SEG's own grid; a fractional segment counts from one half. Raises UnreadableInput."""
    roi = choose_roi(seg_rois(dataset), roi_name)
    try:
        segmentation = hd.seg.Segmentation.from_dataset(dataset)
        found = segmentation.get_volume(segment_numbers=[roi.number], allow_missing_positions=True)
    except (
        Exception
    ) as error:  # highdicom and the decoders raise many kinds; each means that there is no regular mask here.
        raise UnreadableInput(
            f"The segment '{roi.name}' cannot be read as a volume ({reason(error)}): export the SEG again."
        ) from error
    voxels = (np.asarray(found.array)[..., 0] >= 0.5).astype(np.uint8)
    return Volume(
        array_zyx=voxels, geometry=_geometry(found, str(dataset.get("FrameOfReferenceUID") or "")), unit="label"
    )


def _geometry(found: hd.Volume, frame_of_reference_uid: str) -> Geometry:
    """highdicom's axes are slice, row, column; ours x (column), y (row), z (slice)."""
    slices, rows, columns = found.spatial_shape
    spacing_z, spacing_y, spacing_x = found.spacing
    return Geometry(
        size_xyz=(columns, rows, slices),
        spacing_mm=(spacing_x, spacing_y, spacing_z),
        origin_lps_mm=tuple(float(p) for p in found.position),  # type: ignore[arg-type]
        direction=tuple(float(d) for d in np.asarray(found.direction)[:, ::-1].ravel()),
        frame_of_reference_uid=frame_of_reference_uid,
    )


def nifti_rois(path: Path | str) -> list[RoiSummary]:
    """The labels of a NIfTI mask, named by their number."""
    labels, voxel_ml = read_labels(path), read_nifti(path).geometry.voxel_volume_ml
    numbers, counts = np.unique(labels.array_zyx[labels.array_zyx != 0], return_counts=True)
    return [
        RoiSummary(number=int(number), name=str(int(number)), volume_ml=float(count * voxel_ml))
        for number, count in zip(numbers, counts, strict=True)
    ]


def nifti_mask(path: Path | str, roi_name: str | int) -> Volume:
    """One label as 0/1 on the file's own grid. Raises UnreadableInput."""
    labels = read_labels(path)
    roi = choose_roi(nifti_rois(path), roi_name)
    return labels.with_array((labels.array_zyx == roi.number).astype(np.uint8), unit="label")


def read_labels(path: Path | str) -> Volume:
    """A NIfTI mask as whole numbers (int32), 0 where it holds none. Raises UnreadableInput for an image."""
    volume = read_nifti(path)
    whole = np.rint(np.nan_to_num(volume.array_zyx))
    if not np.array_equal(whole, np.nan_to_num(volume.array_zyx)):
        raise UnreadableInput(f"{path} holds fractions, so it is an image and not a mask: give a file of whole labels.")
    return volume.with_array(whole.astype(np.int32), unit="label")
