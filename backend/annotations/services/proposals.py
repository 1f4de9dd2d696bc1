"""Masks that a program proposes: brown fat by rule, tumours by a trained segmenter. A person accepts or edits them."""

import uuid

from backend.annotations.models import Mask, MaskSource, Target
from backend.annotations.services.masks import LabelmapFile, record_mask
from backend.imaging.models import Case


def record_bat_proposal(case: Case, *, on_ct: LabelmapFile, on_pet: LabelmapFile, thresholds: dict) -> Mask:
    """Keeps the rule's mask on the CT grid; its rendition on the PET grid is what the viewer shows."""
    return record_mask(
        case=case,
        target=Target.BAT,
        source=MaskSource.BAT_RULE,
        file=on_ct,
        lesions=[{"label": 1, "name": "Brown fat", "role": "bat", "site": ""}],
        provenance={"thresholds": thresholds, "on_pet_grid": _rendition(on_pet)},
    )


def record_segmentation(
    case: Case, *, on_ct: LabelmapFile, on_pet: LabelmapFile, model_uuid: uuid.UUID, fold: int | None
) -> Mask:
    """Keeps a segmenter's mask. ``fold`` is the one whose model never saw the case; None for the ensemble."""
    return record_mask(
        case=case,
        target=Target.TUMOUR,
        source=MaskSource.NNUNET,
        file=on_ct,
        lesions=[{"label": 1, "name": "Proposed tumour", "role": "primary", "site": ""}],
        model_uuid=model_uuid,
        provenance={"fold": fold, "on_pet_grid": _rendition(on_pet)},
    )


def _rendition(file: LabelmapFile) -> dict:
    return {"key": file.key, "sha256": file.sha256, "voxel_count": file.voxel_count}
