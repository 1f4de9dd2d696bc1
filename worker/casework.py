"""What every task on a case does: fetch its volumes and masks as compute values, and keep labelmaps that come back."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from backend.annotations.models import Mask
from backend.annotations.services.masks import LabelmapFile, read_labelmap, store_labelmap
from backend.core.storage import fetch_to
from backend.imaging.models import Case
from backend.imaging.models import Volume as VolumeRow
from backend.imaging.services.volumes import current_offset
from worker.compute.nifti import read_nifti
from worker.compute.resample import AnalysisGrid, Offset, analysis_grid, resample_to
from worker.compute.types import Geometry, Volume


@dataclass(frozen=True, kw_only=True, eq=False)
class CaseVolumes:
    """CT (HU) and PET (SUVbw) of a case on their native grids, and the offset that lays the PET on the CT."""

    ct: Volume
    pet: Volume
    offset_lps_mm: Offset

    def on_analysis_grid(self, crop_xy: int) -> AnalysisGrid:
        return analysis_grid(self.ct, self.pet, crop_xy=crop_xy, offset_lps_mm=self.offset_lps_mm)

    def on_ct_grid(self) -> AnalysisGrid:
        return analysis_grid(self.ct, self.pet, crop_xy=None, offset_lps_mm=self.offset_lps_mm)


def fetch_case(case: Case, workspace: Path) -> CaseVolumes:
    """Reads both volumes of the case from the storage."""
    return CaseVolumes(
        ct=_fetch_volume(case.ct, workspace), pet=_fetch_volume(case.pet, workspace), offset_lps_mm=current_offset(case)
    )


def _fetch_volume(row: VolumeRow, workspace: Path) -> Volume:
    path = fetch_to(row.storage_key, workspace / f"{row.sha256}.nii.gz")
    voxels = read_nifti(path)
    return Volume(array_zyx=voxels.array_zyx, geometry=Geometry.from_json(row.geometry), unit=row.unit)


def fetch_mask(mask: Mask) -> Volume:
    """A stored labelmap as a volume on the grid it was drawn on."""
    geometry = Geometry.from_json(mask.geometry)
    array_zyx = np.frombuffer(read_labelmap(mask), np.uint8).reshape(geometry.shape_zyx)
    return Volume(array_zyx=array_zyx, geometry=geometry, unit="label")


def mask_on(mask: Mask, reference: Geometry, *, grid: str, offset_lps_mm: Offset) -> Volume:
    """A mask on a grid of the case's CT or PET (``grid`` says whose), by the nearest voxel.

    ``offset_lps_mm`` lays the PET on the CT: what was drawn on the PET moves with it, and the other way back.
    """
    drawn = fetch_mask(mask)
    if drawn.geometry.same_grid(reference):
        return drawn
    sign = {("pet", "ct"): 1.0, ("ct", "pet"): -1.0}.get((mask.grid, grid), 0.0)
    moved = tuple(sign * component for component in offset_lps_mm)
    return resample_to(drawn, reference, interpolation="nearest", offset_lps_mm=moved)[0]


def store_on_both_grids(case: Case, on_ct: Volume, offset_lps_mm: Offset) -> tuple[LabelmapFile, LabelmapFile]:
    """Keeps a mask made on the CT grid, and its rendition on the PET grid for the viewer."""
    back = tuple(-component for component in offset_lps_mm)
    pet_geometry = Geometry.from_json(case.pet.geometry)
    on_pet, _ = resample_to(on_ct, pet_geometry, interpolation="nearest", offset_lps_mm=back)
    return _store(case, on_ct, "ct"), _store(case, on_pet, "pet")


def _store(case: Case, mask: Volume, grid: str) -> LabelmapFile:
    return store_labelmap(case, mask.array_zyx.astype(np.uint8).tobytes(), grid=grid)


def without_missing(pet: Volume) -> Volume:
    """nnU-Net cannot read missing values: outside the PET there is no uptake to find."""
    return pet.with_array(np.nan_to_num(pet.array_zyx, nan=0.0))
