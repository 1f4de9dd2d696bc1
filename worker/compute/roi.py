"""A named region in a file of regions, and the choice of one by the name or number that a person gives."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from worker.compute.errors import UnreadableInput


@dataclass(frozen=True, kw_only=True)
class RoiSummary:
    """One region of an RTSTRUCT, DICOM SEG or NIfTI file.

    ``contour_count`` is 0 for voxel masks; ``volume_ml`` is by planimetry for contours (area times plane spacing), by
    voxel count for masks, and None where it cannot be told (a single contour plane).
    """

    number: int
    name: str
    contour_count: int = 0
    volume_ml: float | None = None

    def to_json(self) -> dict:
        return asdict(self)


def choose_roi(rois: Sequence[RoiSummary], wanted: str | int) -> RoiSummary:
    """The region whose name is ``wanted``: exactly, else by ignoring case and blanks, else by its number.

    An int is a number and never a name, since regions are named 1, 2, 3 too. Raises UnreadableInput, listing the
    names, where there is none or more than one.
    """
    plain = str(wanted).strip().casefold()
    by_number = [roi for roi in rois if str(roi.number) == plain]
    by_name = [
        [roi for roi in rois if roi.name == wanted],
        [roi for roi in rois if roi.name.strip().casefold() == plain],
    ]
    for match in [by_number] if isinstance(wanted, int) else [*by_name, by_number]:
        if len(match) == 1:
            return match[0]
        if match:
            numbers = " or ".join(str(roi.number) for roi in match)
            raise UnreadableInput(f"{len(match)} regions are named '{wanted}': give the number {numbers} instead.")
    names = ", ".join(f"'{roi.name}' (number {roi.number})" for roi in rois) or "none"
    raise UnreadableInput(f"There is no region '{wanted}'; the file has: {names}.")
