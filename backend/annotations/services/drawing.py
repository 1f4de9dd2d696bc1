"""Saving what a reader draws. Nothing drawn is ever dropped: a save that comes too late is kept as a branch."""

import uuid
import zlib
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from backend.accounts.models import User
from backend.annotations.models import Assignment, Mask, MaskSource
from backend.annotations.selectors import proposals_of
from backend.annotations.services.lesions import check_labels, checked_lesions
from backend.annotations.services.masks import record_mask, store_labelmap
from backend.core.errors import Conflict, InvalidInput

BRANCH = (
    "This case was changed in another window in the meantime. What you drew here is kept as revision {number}, "
    "beside the other one; the revision that you hand in counts."
)
_GZIP_WINDOW_BITS = 31


@dataclass(frozen=True, kw_only=True)
class SavedMask:
    """The revision; ``branched`` when its parent had a successor already, and ``message`` then says so."""

    mask: Mask
    branched: bool = False
    message: str = ""


def unpack_labelmap(compressed: bytes, *, voxel_count: int) -> bytes:
    """The voxels of a gzip file that must hold exactly ``voxel_count`` bytes; no more than that is ever unpacked."""
    unpacker = zlib.decompressobj(_GZIP_WINDOW_BITS)
    try:
        voxels = unpacker.decompress(compressed, voxel_count + 1)
    except zlib.error as error:
        raise InvalidInput("The mask is damaged (it is not gzip): save again.") from error
    if len(voxels) > voxel_count or (len(voxels) == voxel_count and not unpacker.eof):
        raise InvalidInput(f"The mask has more voxels than the PET ({voxel_count:,}): load the case again.")
    return voxels


def save_mask(
    *,
    assignment: Assignment,
    actor: User,
    parent_id: uuid.UUID | None,
    lesions: Any,
    mask_gzip: bytes,
    proposal_id: uuid.UUID | None = None,
    client_key: uuid.UUID | None = None,
) -> SavedMask:
    """Keeps one revision on the PET grid. The same ``client_key`` again answers with the revision it made before.

    Raises InvalidInput, and Conflict once the reading is handed in.
    """
    case = assignment.case
    named = checked_lesions(lesions, target=assignment.target)
    x, y, z = case.pet.geometry["size_xyz"]
    voxels = unpack_labelmap(mask_gzip, voxel_count=x * y * z)
    check_labels(voxels, named)
    # Stored before the row: whoever dies in between leaves a file that the next attempt finds by its hash.
    file = store_labelmap(case, voxels, grid="pet")
    with transaction.atomic():
        lock_open_assignment(assignment)
        before = _saved_before(assignment, client_key)
        if before:
            return before
        parent = revision_of(assignment, parent_id)
        branched = _has_successor(assignment, parent)
        mask = record_mask(
            case=case,
            target=assignment.target,
            source=MaskSource.DRAWN,
            file=file,
            lesions=named,
            assignment=assignment,
            author=actor,
            parent=parent,
            proposal=_offered(assignment, proposal_id),
            is_branch=branched or bool(parent and parent.is_branch),
            client_key=client_key,
        )
    return SavedMask(mask=mask, branched=branched, message=BRANCH.format(number=mask.number) if branched else "")


def lock_open_assignment(assignment: Assignment) -> None:
    """Holds the assignment for this transaction; raises Conflict once its reading is handed in."""
    Assignment.objects.select_for_update().get(pk=assignment.pk)
    if assignment.readings.standing().exists():
        raise Conflict("This reading is handed in and can no longer be changed.")


def revision_of(assignment: Assignment, revision_id: uuid.UUID | None) -> Mask | None:
    """The revision of this assignment; InvalidInput for one of another."""
    if revision_id is None:
        return None
    mask = Mask.objects.filter(pk=revision_id, assignment=assignment).first()
    if mask is None:
        raise InvalidInput("The revision that this was drawn on does not belong to this reading: load the case again.")
    return mask


def _has_successor(assignment: Assignment, parent: Mask | None) -> bool:
    return Mask.objects.filter(assignment=assignment, parent=parent).exists()


def _saved_before(assignment: Assignment, client_key: uuid.UUID | None) -> SavedMask | None:
    mask = client_key and Mask.objects.filter(assignment=assignment, client_key=client_key).first()
    return SavedMask(mask=mask) if mask else None


def _offered(assignment: Assignment, proposal_id: uuid.UUID | None) -> Mask | None:
    if proposal_id is None:
        return None
    # Not only the newest: another may have come while the reader drew on this one.
    proposal = proposals_of(assignment.case, assignment.target).filter(pk=proposal_id).first()
    if proposal is None:
        raise InvalidInput("The proposal was not offered for this reading: load the case again.")
    return proposal
