"""Bringing an older revision back: it becomes the newest by a new row, and those in between stay where they are."""

import uuid

from django.db import transaction

from backend.accounts.models import User
from backend.annotations.models import Assignment, Mask, MaskSource
from backend.annotations.services.drawing import kept_liver, lock_open_assignment, revision_of
from backend.annotations.services.masks import LabelmapFile, record_mask
from backend.core.errors import Conflict, InvalidInput


def restore_revision(
    *, assignment: Assignment, actor: User, revision_id: uuid.UUID, parent_id: uuid.UUID | None
) -> Mask:
    """A new revision with the voxels and lesions of ``revision_id``, drawn on ``parent_id``, which the person sees now.

    Raises Conflict once the reading is handed in, or where ``parent_id`` was drawn on in the meantime.
    """
    with transaction.atomic():
        lock_open_assignment(assignment)
        wanted, parent = revision_of(assignment, revision_id), revision_of(assignment, parent_id)
        if wanted is None or wanted.grid != "pet":
            raise InvalidInput("Only what was drawn in the viewer can be brought back.")
        if parent is not None and parent.is_drawn_on:
            raise Conflict("This reading was changed in another window in the meantime: load the case again.")
        return record_mask(
            case=assignment.case,
            target=assignment.target,
            source=MaskSource.DRAWN,
            file=LabelmapFile.of(wanted),
            lesions=wanted.lesions,
            assignment=assignment,
            author=actor,
            parent=parent,
            proposal=wanted.proposal,
            is_branch=bool(parent and parent.is_branch),
            provenance={"restored": str(wanted.pk), **kept_liver(wanted)},
        )
