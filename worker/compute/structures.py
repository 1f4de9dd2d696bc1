"""Structures that came with the images: each region as a mask on the grid it was drawn on."""

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pydicom

from worker.compute.errors import ComputeError, UnreadableInput
from worker.compute.registration import roi_offset
from worker.compute.roi import RoiSummary
from worker.compute.rtstruct import list_rois, rasterise_roi
from worker.compute.types import Geometry, Volume

# What centres append to a region's name to say which modality it was drawn on.
_MODALITY_SUFFIX = re.compile(r"[\s_\-.]*(?:on[\s_\-.]*)?\(?(?:ct|pet|pt)\)?$", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True, eq=False)
class Structure:
    """One region. ``mask`` is None where it cannot be put on the grid, and ``problem`` then says why."""

    summary: RoiSummary
    drawn_on: str
    mask: Volume | None
    problem: str = ""

    @property
    def lesion_name(self) -> str:
        return lesion_name(self.summary.name)


def lesion_name(roi_name: str) -> str:
    """The name without its modality: GTV_Mass_CT and GTV_Mass_PET are two contours of one lesion."""
    return _MODALITY_SUFFIX.sub("", roi_name.strip()) or roi_name.strip()


def read_structures(path: Path, grids: dict[str, Geometry], modality_of_series: dict[str, str]) -> list[Structure]:
    """Every region of an RTSTRUCT or DICOM SEG. ``grids`` maps "ct" and "pet" to their geometry.

    The grid is that of the series which the object names; where it names none of them, the one on which the voxels'
    volume is nearest to the contours'. Raises UnreadableInput where the file cannot be read.
    """
    drawn_on = _named_grid(path, modality_of_series)
    structures = []
    for summary in list_rois(path):
        structures.append(_structure(path, summary, grids, drawn_on))
    return structures


def shift_between(ct_structure: Structure, pet_structure: Structure) -> str | None:
    """The sentence of a visible shift between two contours of one lesion, or None."""
    if ct_structure.mask is None or pet_structure.mask is None:
        return None
    return roi_offset(ct_structure.mask, pet_structure.mask).warning


def _structure(path: Path, summary: RoiSummary, grids: dict[str, Geometry], drawn_on: str | None) -> Structure:
    problem = "The region lies on none of the study's series."
    tried: list[tuple[str, Volume]] = []
    for grid in [drawn_on] if drawn_on in grids else sorted(grids, reverse=True):
        try:
            tried.append((grid, rasterise_roi(path, grids[grid], summary.number)))
        except UnreadableInput:
            raise
        except ComputeError as error:
            problem = str(error)
    if not tried:
        return Structure(summary=summary, drawn_on=drawn_on or "pet", mask=None, problem=problem)
    grid, mask = min(tried, key=lambda found: _volume_error(found[1], summary))
    return Structure(summary=summary, drawn_on=grid, mask=mask)


def _volume_error(mask: Volume, summary: RoiSummary) -> float:
    """How far the voxels' volume is from the contours': on its own grid a contour is rasterised most truly."""
    volume_ml = float(np.count_nonzero(mask.array_zyx)) * mask.geometry.voxel_volume_ml
    return abs(volume_ml - summary.volume_ml) if summary.volume_ml else 0.0


def _named_grid(path: Path, modality_of_series: dict[str, str]) -> str | None:
    """The modality of the series that the object names (DICOM PS3.3 C.8.8.5, C.8.20), where it is one of ours."""
    header = pydicom.dcmread(path, stop_before_pixels=True, force=True)
    named = {str(element.value) for element in header.iterall() if element.keyword == "SeriesInstanceUID"}
    found = {modality_of_series[uid] for uid in named if uid in modality_of_series}
    return found.pop() if len(found) == 1 else None
