"""The image planes of DICOM datasets, each with its place: one of a classic image, many of an enhanced one."""

from dataclasses import dataclass

import numpy as np
from pydicom.dataset import Dataset

from worker.compute.errors import UnreadableInput

# Cosines are written with at least six digits; more than this and the rows are not at right angles to the columns.
_COSINE_TOLERANCE = 1e-3


@dataclass(frozen=True, kw_only=True, eq=False)
class Plane:
    """One slice in the patient (DICOM PS3.3 C.7.6.2): where it lies and how stored values become real ones.

    ``row_lps`` points along increasing columns (x), ``column_lps`` along increasing rows (y).
    """

    dataset: Dataset
    frame_index: int
    position_lps_mm: np.ndarray
    row_lps: np.ndarray
    column_lps: np.ndarray
    spacing_xy_mm: tuple[float, float]
    size_xy: tuple[int, int]
    slope: float
    intercept: float
    thickness_mm: float | None

    @property
    def normal_lps(self) -> np.ndarray:
        return np.cross(self.row_lps, self.column_lps)

    @property
    def distance_mm(self) -> float:
        """The position along the normal of the planes, which orders a stack whatever its orientation."""
        return float(self.position_lps_mm @ self.normal_lps)


def planes_of(dataset: Dataset) -> list[Plane]:
    """The planes of a classic or an enhanced multi-frame image. Raises UnreadableInput, naming what is missing."""
    if "PerFrameFunctionalGroupsSequence" not in dataset:
        return [_plane(dataset, 0, [dataset])]
    shared = list(dataset.get("SharedFunctionalGroupsSequence") or ())
    frames = dataset.PerFrameFunctionalGroupsSequence
    return [_plane(dataset, index, [frame, *shared, dataset]) for index, frame in enumerate(frames)]


def _plane(dataset: Dataset, frame_index: int, groups: list[Dataset]) -> Plane:
    row, column = _directions(_numbers(groups, "PlaneOrientationSequence", "ImageOrientationPatient", 6), dataset)
    spacing_y, spacing_x = _numbers(groups, "PixelMeasuresSequence", "PixelSpacing", 2)
    (slope,) = _numbers(groups, "PixelValueTransformationSequence", "RescaleSlope", 1)
    (intercept,) = _numbers(groups, "PixelValueTransformationSequence", "RescaleIntercept", 1)
    if min(spacing_x, spacing_y) <= 0 or slope == 0:
        raise UnreadableInput(
            f"{name_of(dataset)} has a Pixel Spacing or Rescale Slope of zero: export the series again."
        )
    return Plane(
        dataset=dataset,
        frame_index=frame_index,
        position_lps_mm=np.array(_numbers(groups, "PlanePositionSequence", "ImagePositionPatient", 3)),
        row_lps=row,
        column_lps=column,
        spacing_xy_mm=(spacing_x, spacing_y),
        size_xy=(int(dataset.Columns), int(dataset.Rows)),
        slope=slope,
        intercept=intercept,
        thickness_mm=_thickness(groups),
    )


def _find(groups: list[Dataset], sequence: str, name: str):
    """An attribute from the first functional group that has it, or straight from a classic dataset."""
    for group in groups:
        items = group.get(sequence) or [group]
        value = items[0].get(name)
        if value is not None and value != "":
            return value
    return None


def _numbers(groups: list[Dataset], sequence: str, name: str, count: int) -> list[float]:
    value = _find(groups, sequence, name)
    values = [] if value is None else [value] if count == 1 else list(value)
    try:
        numbers = [float(v) for v in values]
    except (TypeError, ValueError):
        numbers = []
    if len(numbers) != count or not np.all(np.isfinite(numbers)):
        raise UnreadableInput(
            f"{name_of(groups[-1])} has no usable {name}: export the series again from the scanner or PACS."
        )
    return numbers


def _directions(cosines: list[float], dataset: Dataset) -> tuple[np.ndarray, np.ndarray]:
    row, column = np.array(cosines[:3]), np.array(cosines[3:])
    lengths = np.linalg.norm(row), np.linalg.norm(column)
    if max(abs(lengths[0] - 1), abs(lengths[1] - 1), abs(row @ column)) > _COSINE_TOLERANCE:
        raise UnreadableInput(
            f"{name_of(dataset)} has an ImageOrientationPatient that is no right angle: export it again."
        )
    row = row / lengths[0]
    column = column - (column @ row) * row
    return row, column / np.linalg.norm(column)


def _thickness(groups: list[Dataset]) -> float | None:
    for name in ("SpacingBetweenSlices", "SliceThickness"):
        value = _find(groups, "PixelMeasuresSequence", name)
        if value is not None and abs(float(value)) > 0:
            return abs(float(value))
    return None


def name_of(dataset: Dataset) -> str:
    """The file a dataset came from, for a message."""
    path = getattr(dataset, "filename", None)
    return str(path).rsplit("/", 1)[-1] if path else str(dataset.get("SOPInstanceUID", "an image"))
