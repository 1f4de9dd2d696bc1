"""Saving what a reader draws. Nothing drawn is ever dropped: a save that comes too late is kept as a branch."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Q

from backend.accounts.models import User
from backend.annotations.adjudication import is_signed, starting_masks
from backend.annotations.models import Assignment, Mask, MaskSource, Purpose
from backend.annotations.selectors import proposals_of
from backend.annotations.services.drawn import Drawn
from backend.annotations.services.edits import Edit, WholeMaskNeeded, unpack
from backend.annotations.services.lesions import check_labels, checked_lesions
from backend.annotations.services.masks import grid_geometry, read_file, record_mask, store_drawn
from backend.annotations.services.packing import pack_labelmap
from backend.core.errors import Conflict, InvalidInput

LIVER = "liver_lps_mm"
BRANCH = (
    "This case was changed in another window in the meantime. What you drew here is kept as revision {number}, "
    "beside the other one: open Versions to choose or to merge. The revision that you hand in counts."
)


@dataclass(frozen=True, kw_only=True)
class SavedMask:
    """The revision; ``branched`` when its parent had a successor already, and ``message`` then says so."""

    mask: Mask
    branched: bool = False
    message: str = ""


def save_mask(
    *,
    assignment: Assignment,
    actor: User,
    parent_id: uuid.UUID | None,
    lesions: Any,
    mask_gzip: bytes | None = None,
    edit: Edit | None = None,
    proposal_id: uuid.UUID | None = None,
    client_key: uuid.UUID | None = None,
    includes: Sequence[uuid.UUID] = (),
    liver_lps_mm: list[float] | None = None,
) -> SavedMask:
    """Keeps one revision on the PET grid: a whole mask, or an ``edit`` of the revision ``parent_id`` (of nothing).

    The same ``client_key`` again answers with the revision it made before. ``includes`` names earlier saves that were
    never answered and whose changes are in this one: it follows the newest of them that arrived, and is no branch.
    ``liver_lps_mm`` is where the sphere of PERCIST's threshold lies; it is kept with the revision.
    Raises InvalidInput, WholeMaskNeeded where an edit cannot be applied here, and Conflict once it is handed in.
    """
    before = _saved_before(assignment, client_key)
    if before:
        return before
    named = checked_lesions(lesions, target=assignment.target)
    drawn = _drawn(assignment, parent_id, mask_gzip, edit)
    check_labels(drawn.label_counts, named)
    # Stored before the row: whoever dies in between leaves a file that the next attempt finds by its hash.
    file = store_drawn(assignment.case.patient, grid_geometry(assignment.case, "pet"), drawn, grid="pet")
    with transaction.atomic():
        lock_open_assignment(assignment)
        before = _saved_before(assignment, client_key)
        if before:
            return before
        named_parent = _own(assignment, parent_id)
        parent = _newest_of(assignment, includes) or named_parent
        strayed = parent_id is not None and named_parent is None
        branched = strayed or _has_successor(assignment, parent) or _unheard_branch(parent, named_parent)
        mask = record_mask(
            case=assignment.case,
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
            provenance=_provenance(includes, liver_lps_mm),
        )
    return SavedMask(mask=mask, branched=branched, message=BRANCH.format(number=mask.number) if branched else "")


def _provenance(includes: Sequence[uuid.UUID], liver_lps_mm: list[float] | None) -> dict:
    kept = {"includes": [str(key) for key in includes]} if includes else {}
    return {**kept, LIVER: liver_lps_mm} if liver_lps_mm else kept


def kept_liver(*masks: Mask) -> dict:
    """The part of a revision's provenance that says where the liver sphere lies: the first that has one."""
    return next(({LIVER: mask.provenance[LIVER]} for mask in masks if mask.provenance.get(LIVER)), {})


def _drawn(assignment: Assignment, parent_id: uuid.UUID | None, mask_gzip: bytes | None, edit: Edit | None) -> Drawn:
    x, y, z = assignment.case.pet.geometry["size_xyz"]
    voxel_count = x * y * z
    if edit is None:
        return Drawn.of(unpack(mask_gzip or b"", limit=voxel_count, what="mask"))
    if parent_id is None:
        return Drawn.edited(pack_labelmap(bytes(voxel_count)), edit)
    parent = _own(assignment, parent_id)
    if parent is None or parent.grid != "pet":
        raise WholeMaskNeeded
    try:
        return Drawn.edited(read_file(parent), edit)
    except (Conflict, FileNotFoundError) as error:
        raise WholeMaskNeeded from error


def lock_open_assignment(assignment: Assignment) -> None:
    """Holds the assignment for this transaction; raises Conflict once its reading is handed in or its case signed.

    One that was taken back in the middle of a stroke is held all the same: the stroke is kept.
    """
    Assignment.every_purpose.select_for_update().get(pk=assignment.pk)
    if is_signed(assignment):
        raise Conflict("This consensus is signed: reopen it, with a reason, before you draw again.")
    if assignment.readings.standing().exists():
        raise Conflict("This reading is handed in and can no longer be changed.")


def revision_of(assignment: Assignment, revision_id: uuid.UUID | None) -> Mask | None:
    """The revision of this assignment; InvalidInput for one of another."""
    mask = _own(assignment, revision_id)
    if mask is None and revision_id is not None:
        raise InvalidInput("This revision does not belong to this reading: load the case again.")
    return mask


def _own(assignment: Assignment, revision_id: uuid.UUID | None) -> Mask | None:
    return Mask.objects.filter(pk=revision_id, assignment=assignment).first() if revision_id else None


def _newest_of(assignment: Assignment, client_keys: Sequence[uuid.UUID]) -> Mask | None:
    sent = Mask.objects.filter(assignment=assignment, client_key__in=list(client_keys)) if client_keys else None
    return sent.order_by("-number").first() if sent is not None else None


def _unheard_branch(parent: Mask | None, named_parent: Mask | None) -> bool:
    """Whether this follows a save that became a branch, of which the answer never arrived."""
    return parent is not None and parent != named_parent and parent.is_branch


def _has_successor(assignment: Assignment, parent: Mask | None) -> bool:
    followed = Q(parent=parent) if parent is None else Q(parent=parent) | Q(merged=parent)
    return Mask.objects.filter(followed, assignment=assignment).exists()


def _saved_before(assignment: Assignment, client_key: uuid.UUID | None) -> SavedMask | None:
    """The revision of a save that came before, or the one that says that it holds what was in that save."""
    if client_key is None:
        return None
    same = Q(client_key=client_key) | Q(provenance__includes__contains=[str(client_key)])
    mask = Mask.objects.filter(same, assignment=assignment).order_by("number").first()
    return SavedMask(mask=mask) if mask else None


def _offered(assignment: Assignment, proposal_id: uuid.UUID | None) -> Mask | None:
    if proposal_id is None:
        return None
    # Not only the newest: another may have come while the reader drew on this one.
    adjudicates = assignment.purpose == Purpose.ADJUDICATION
    offered = starting_masks(assignment) if adjudicates else proposals_of(assignment.case, assignment.target)
    proposal = offered.filter(pk=proposal_id).first()
    if proposal is None:
        raise InvalidInput("The proposal was not offered for this reading: load the case again.")
    return proposal
