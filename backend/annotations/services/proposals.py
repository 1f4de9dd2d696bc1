"""Masks that a program proposes: brown fat by rule, tumours by a segmenter. A person accepts, edits or rejects them."""

import gzip
import uuid

import numpy as np

from backend.accounts.models import User
from backend.annotations.models import (
    Assignment,
    Mask,
    MaskSource,
    ProposalRejection,
    ProposalUse,
    Reading,
    Target,
)
from backend.annotations.selectors import proposal_behind, proposals_of
from backend.annotations.services.masks import LabelmapFile, read_labelmap, record_mask, shown_on_pet
from backend.audit.services import record_audit
from backend.core.errors import Conflict, InvalidInput
from backend.core.storage import read_bytes
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


def reject_proposal(*, assignment: Assignment, proposal_id: uuid.UUID, actor: User) -> ProposalRejection:
    """Records that the reader does not agree; the same again answers with the record that is there.

    Raises InvalidInput, and Conflict once the reading is handed in.
    """
    if assignment.readings.standing().exists():
        raise Conflict("This reading is handed in and can no longer be changed.")
    proposal = proposals_of(assignment.case, assignment.target).filter(pk=proposal_id).first()
    if proposal is None:
        raise InvalidInput("The proposal was not offered for this reading: load the case again.")
    rejection, is_new = ProposalRejection.objects.get_or_create(
        proposal=proposal, assignment=assignment, defaults={"rejected_by": actor}
    )
    if is_new:
        record_audit(
            action="proposal.reject",
            subject=rejection,
            actor=actor,
            cohort_uuid=assignment.case.patient.cohort_id,
            after={"case": str(assignment.case_id), "proposal": str(proposal.pk), "sha256": proposal.sha256},
        )
    return rejection


def record_proposal_use(reading: Reading, revision: Mask | None) -> ProposalUse | None:
    """Keeps which proposal went into a reading and what was changed; None where none did. Part of handing in."""
    proposal = proposal_behind(revision) if revision else None
    if revision is None or proposal is None or not shown_on_pet(proposal):
        return None
    proposed = np.frombuffer(_voxels_on_pet(proposal), np.uint8) > 0
    drawn = np.frombuffer(read_labelmap(revision), np.uint8) > 0
    common = int(np.count_nonzero(proposed & drawn))
    either = int(np.count_nonzero(proposed)) + int(np.count_nonzero(drawn))
    return ProposalUse.objects.create(
        reading=reading,
        proposal=proposal,
        voxels_proposed=int(np.count_nonzero(proposed)),
        voxels_added=int(np.count_nonzero(drawn)) - common,
        voxels_removed=int(np.count_nonzero(proposed)) - common,
        dice=2 * common / either if either else 1.0,
    )


def _voxels_on_pet(proposal: Mask) -> bytes:
    rendition = proposal.provenance.get("on_pet_grid")
    return gzip.decompress(read_bytes(rendition["key"])) if rendition else read_labelmap(proposal)
