"""Contours of an RTSTRUCT (DICOM PS3.3 C.8.8.6): points in the patient, areas and volumes by planimetry."""

from dataclasses import dataclass

import numpy as np
from pydicom.dataset import Dataset
from skimage.measure import points_in_poly

from worker.compute.errors import UnreadableInput
from worker.compute.roi import RoiSummary

_AREA_TYPES = ("CLOSED_PLANAR", "CLOSEDPLANAR_XOR")
# Contours of one slice agree to rounding; slices lie further apart than this.
_SAME_PLANE_MM = 0.05


@dataclass(frozen=True, kw_only=True, eq=False)
class ContourRoi:
    """The closed contours of one region, each (n, 3) in mm LPS; ``skipped`` counts points, lines and repeats left
    out.
    """

    number: int
    name: str
    frame_of_reference_uid: str
    contours_lps_mm: tuple[np.ndarray, ...]
    skipped: int = 0

    def summary(self) -> RoiSummary:
        count = len(self.contours_lps_mm)
        return RoiSummary(
            number=self.number, name=self.name, contour_count=count, volume_ml=planimetric_volume_ml(self)
        )


def read_contours(structure_set: Dataset) -> list[ContourRoi]:
    """Every region of an RTSTRUCT, those without a contour too. Raises UnreadableInput where a contour is damaged."""
    drawn = {_number(item, "ReferencedROINumber"): item for item in structure_set.get("ROIContourSequence") or ()}
    frames = structure_set.get("ReferencedFrameOfReferenceSequence") or ()
    default_frame = str(frames[0].get("FrameOfReferenceUID") or "") if len(frames) == 1 else ""
    return [
        _roi(item, drawn.get(_number(item, "ROINumber")), default_frame)
        for item in structure_set.get("StructureSetROISequence") or ()
    ]


def _number(item: Dataset, keyword: str) -> int:
    try:
        return int(item.get(keyword))  # type: ignore[arg-type]
    except (TypeError, ValueError) as error:
        raise UnreadableInput(
            f"A region of the structure set has no usable {keyword}: export the structure set again."
        ) from error


def _roi(item: Dataset, drawn: Dataset | None, default_frame: str) -> ContourRoi:
    name = str(item.get("ROIName") or "")
    sequence = [] if drawn is None else list(drawn.get("ContourSequence") or ())
    # The same contour twice would cancel itself under the even-odd rule.
    closed = {_points(contour, name).tobytes(): _points(contour, name) for contour in sequence if _encloses(contour)}
    return ContourRoi(
        number=int(item.ROINumber),
        name=name,
        frame_of_reference_uid=str(item.get("ReferencedFrameOfReferenceUID") or default_frame),
        contours_lps_mm=tuple(closed.values()),
        skipped=len(sequence) - len(closed),
    )


def _encloses(contour: Dataset) -> bool:
    return str(contour.get("ContourGeometricType") or "") in _AREA_TYPES and len(contour.get("ContourData") or ()) >= 9


def _points(contour: Dataset, roi_name: str) -> np.ndarray:
    try:
        points = np.array([float(value) for value in contour.ContourData]).reshape(-1, 3)
    except ValueError as error:
        raise UnreadableInput(
            f"A contour of '{roi_name}' has damaged coordinates: export the structure set again."
        ) from error
    if not np.all(np.isfinite(points)):
        raise UnreadableInput(
            f"A contour of '{roi_name}' has coordinates that are no numbers: export the structure set again."
        )
    return points


def planimetric_volume_ml(roi: ContourRoi) -> float | None:
    """Area inside the contours (inner ones are holes) summed over planes, times the median plane spacing."""
    planes = contour_planes(roi.contours_lps_mm)
    if len(planes) < 2:
        return 0.0 if not planes else None
    spacing_mm = float(np.median(np.diff([distance for distance, _ in planes])))
    return sum(_enclosed_area_mm2(contours) for _, contours in planes) * spacing_mm / 1000


def contour_planes(contours_lps_mm: tuple[np.ndarray, ...]) -> list[tuple[float, list[np.ndarray]]]:
    """Contours by their distance in mm along the common normal, in order; each plane's points in 2-D plane
    coordinates.
    """
    if not contours_lps_mm:
        return []
    normal, u, v = _plane_axes(max(contours_lps_mm, key=lambda points: float(np.linalg.norm(_area_vector(points)))))
    placed = sorted(
        ((float(np.mean(c @ normal)), c @ np.column_stack([u, v])) for c in contours_lps_mm), key=lambda p: p[0]
    )
    planes: list[tuple[float, list[np.ndarray]]] = []
    for distance, flat in placed:
        if planes and distance - planes[-1][0] < _SAME_PLANE_MM:
            planes[-1][1].append(flat)
        else:
            planes.append((distance, [flat]))
    return planes


def _area_vector(points: np.ndarray) -> np.ndarray:
    """Newell's formula: normal to the polygon, as long as its area."""
    centred = points - points[0]
    return np.cross(centred, np.roll(centred, -1, axis=0)).sum(axis=0) / 2


def _plane_axes(points: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    area = _area_vector(points)
    length = float(np.linalg.norm(area))
    normal = area / length if length > 0 else np.array([0.0, 0.0, 1.0])
    normal = normal * np.sign(normal[np.argmax(np.abs(normal))])
    helper = np.eye(3)[np.argmin(np.abs(normal))]
    u = np.cross(helper, normal)
    u = u / np.linalg.norm(u)
    return normal, u, np.cross(normal, u)


def _enclosed_area_mm2(contours: list[np.ndarray]) -> float:
    """Even-odd: a contour inside an odd number of others is a hole."""
    total = 0.0
    for i, contour in enumerate(contours):
        x, y = (contour - contour[0]).T
        area = abs(float(np.sum(x * np.roll(y, -1) - y * np.roll(x, -1)))) / 2
        depth = sum(bool(points_in_poly(contour[:1], other)[0]) for j, other in enumerate(contours) if j != i)
        total += -area if depth % 2 else area
    return total
