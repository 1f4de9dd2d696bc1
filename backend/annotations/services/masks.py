"""Keeping masks: every revision is a new row, its voxels a compressed file named by their hash."""

import hashlib
import uuid
from dataclasses import dataclass
from typing import Any, Self

from django.db.models import Max

from backend.accounts.models import User
from backend.annotations.models import Assignment, Mask, MaskSource, Target
from backend.annotations.services.drawn import DAMAGED, Drawn, unpacked
from backend.audit.services import record_audit
from backend.cohorts.models import Patient
from backend.core.errors import Conflict, InvalidInput
from backend.core.storage import read_bytes, store_bytes
from backend.imaging.models import Case


@dataclass(frozen=True, kw_only=True)
class LabelmapFile:
    """A labelmap in the storage: uint8, z-major, gzip. ``sha256`` is of the voxels, not of the file."""

    key: str
    sha256: str
    voxel_count: int
    geometry: dict
    grid: str

    @property
    def volume_ml(self) -> float:
        x, y, z = self.geometry["spacing_mm"]
        return self.voxel_count * x * y * z / 1000.0

    @classmethod
    def of(cls, mask: Mask) -> Self:
        """The file of a revision that is there, for another row over the same voxels."""
        return cls(
            key=mask.storage_key,
            sha256=mask.sha256,
            voxel_count=mask.voxel_count,
            geometry=mask.geometry,
            grid=mask.grid,
        )


def grid_geometry(case: Case, grid: str) -> dict:
    """The geometry of the case's CT or PET volume."""
    return (case.pet if grid == "pet" else case.ct).geometry


def store_labelmap(case: Case, voxels: bytes, *, grid: str) -> LabelmapFile:
    """Keeps the raw voxels of a labelmap on the case's ``grid``. Raises InvalidInput where the size does not fit."""
    return store_labelmap_of(case.patient, grid_geometry(case, grid), voxels, grid=grid)


def store_labelmap_of(patient: Patient, geometry: dict, voxels: bytes, *, grid: str) -> LabelmapFile:
    """The same for a case whose row is still to be written."""
    return store_drawn(patient, geometry, Drawn.of(voxels), grid=grid)


def store_drawn(patient: Patient, geometry: dict, drawn: Drawn, *, grid: str) -> LabelmapFile:
    """The same for what was hashed and packed already."""
    x, y, z = geometry["size_xyz"]
    if drawn.voxel_count != x * y * z:
        raise InvalidInput(
            f"The mask has {drawn.voxel_count} voxels, but the {grid.upper()} has {x} x {y} x {z}: load the case again."
        )
    folder = f"{patient.cohort_id}/{patient.pseudonym}/masks"
    return LabelmapFile(
        key=store_bytes(drawn.file, folder=folder, suffix=".gz").key,
        sha256=drawn.sha256,
        voxel_count=int(drawn.label_counts.sum()),
        geometry=geometry,
        grid=grid,
    )


def read_labelmap(mask: Mask) -> bytes:
    """The raw voxels of a stored mask. Raises Conflict where the file no longer holds what was drawn."""
    voxels = bytes(unpacked(read_file(mask)))
    if hashlib.sha256(voxels).hexdigest() != mask.sha256:
        raise Conflict(DAMAGED)
    return voxels


def read_file(mask: Mask) -> bytes:
    """The gzip file of a mask, held against no hash."""
    return read_bytes(mask.storage_key)


def shown_on_pet(mask: Mask) -> bool:
    """Whether the mask can be laid over the PET as it is, or has a rendition that can."""
    return mask.grid == "pet" or bool(mask.provenance.get("on_pet_grid"))


def record_mask(
    *,
    case: Case,
    target: Target | str,
    source: MaskSource | str,
    file: LabelmapFile,
    lesions: list[dict] | None = None,
    assignment: Assignment | None = None,
    author: User | None = None,
    parent: Mask | None = None,
    merged: Mask | None = None,
    proposal: Mask | None = None,
    is_branch: bool = False,
    client_key: uuid.UUID | None = None,
    model_uuid: uuid.UUID | None = None,
    provenance: dict[str, Any] | None = None,
) -> Mask:
    """Writes one revision; those of an assignment are counted through, whatever their parents."""
    mask = Mask.objects.create(
        case=case,
        target=target,
        source=source,
        assignment=assignment,
        author=author,
        parent=parent,
        merged=merged,
        proposal=proposal,
        number=_next_number(assignment, parent),
        is_branch=is_branch,
        client_key=client_key,
        grid=file.grid,
        geometry=file.geometry,
        storage_key=file.key,
        sha256=file.sha256,
        voxel_count=file.voxel_count,
        volume_ml=file.volume_ml,
        lesions=lesions or [],
        model_uuid=model_uuid,
        provenance=provenance or {},
    )
    # A reader's revisions are a record of their own, with author and time; a reading saves hundreds of them.
    if source != MaskSource.DRAWN:
        record_audit(
            action="mask.save",
            subject=mask,
            actor=author,
            cohort_uuid=case.patient.cohort_id,
            after={"case": str(case.pk), "source": str(source), "sha256": mask.sha256, "number": mask.number},
        )
    return mask


def _next_number(assignment: Assignment | None, parent: Mask | None) -> int:
    if assignment is None:
        return parent.number + 1 if parent else 1
    last = Mask.objects.filter(assignment=assignment).aggregate(last=Max("number"))["last"]
    return (last or 0) + 1
