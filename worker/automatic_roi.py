"""An automatic ROI on its way into the database: stored first, recorded with the rest of its job."""

import uuid
from dataclasses import dataclass

from backend.annotations.services.masks import LabelmapFile
from backend.annotations.services.proposals import record_segmentation
from backend.imaging.models import Case
from backend.imaging.services.volumes import current_offset
from worker.casework import store_on_both_grids
from worker.compute.types import Volume


@dataclass(frozen=True, kw_only=True)
class AutomaticRoi:
    """A segmenter's mask whose files are in the storage. ``fold`` never saw the case; None for the whole ensemble."""

    case: Case
    on_ct: LabelmapFile
    on_pet: LabelmapFile
    fold: int | None

    @property
    def is_empty(self) -> bool:
        return self.on_ct.voxel_count == 0

    def record(self, model_uuid: uuid.UUID) -> None:
        """Writes the proposal; nothing found is no proposal."""
        if not self.is_empty:
            record_segmentation(self.case, on_ct=self.on_ct, on_pet=self.on_pet, model_uuid=model_uuid, fold=self.fold)


def keep_automatic_roi(case: Case, on_ct: Volume, *, fold: int | None) -> AutomaticRoi:
    """Stores a mask made on the CT grid, with its rendition on the PET grid for the viewer."""
    ct_file, pet_file = store_on_both_grids(case, on_ct, current_offset(case))
    return AutomaticRoi(case=case, on_ct=ct_file, on_pet=pet_file, fold=fold)
