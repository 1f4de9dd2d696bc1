"""A labelmap that is about to be kept: its voxels, their hash and counts, and the file, each found once."""

import gzip
import hashlib
import zlib
from dataclasses import dataclass
from typing import Self

import numpy as np

from backend.annotations.services.edits import Edit, apply_edit
from backend.annotations.services.packing import Voxels, pack_labelmap, repack_labelmap, unpack_labelmap
from backend.core.errors import Conflict

DAMAGED = "The file of this mask is damaged: restore the mask's file from a backup."
_WORD_BYTES = 8


@dataclass(frozen=True, kw_only=True)
class Drawn:
    """``label_counts[label]`` voxels have a label (1 to 255; what is nothing is not counted)."""

    voxel_count: int
    sha256: str
    label_counts: np.ndarray
    file: bytes

    @classmethod
    def of(cls, voxels: Voxels) -> Self:
        """Of all voxels, z-major."""
        return cls(
            voxel_count=len(voxels),
            sha256=hashlib.sha256(voxels).hexdigest(),
            label_counts=count_labels(voxels),
            file=pack_labelmap(voxels),
        )

    @classmethod
    def edited(cls, before: bytes, edit: Edit) -> Self:
        """Of an edit of the labelmap in the file ``before``; what the edit does not touch is not packed again.

        Raises InvalidInput and WholeMaskNeeded as ``apply_edit`` does, and Conflict where the file is damaged.
        """
        voxels = unpacked(before)
        runs = apply_edit(voxels, edit)
        return cls(
            voxel_count=len(voxels),
            sha256=edit.sha256,
            label_counts=count_labels(voxels),
            file=repack_labelmap(before, voxels, [(first, length) for first, length, _ in runs]),
        )


def unpacked(file: bytes) -> bytearray:
    """The voxels in a file, for whoever holds them against a hash. Raises Conflict where it cannot be unpacked."""
    try:
        return unpack_labelmap(file)
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise Conflict(DAMAGED) from error


def count_labels(voxels: Voxels) -> np.ndarray:
    """How many voxels have each label, as 256 numbers; that of nothing is 0."""
    # Nearly all voxels are nothing: eight are looked at in one go, and only what is left is counted.
    whole = len(voxels) // _WORD_BYTES * _WORD_BYTES
    words = np.frombuffer(voxels, np.uint64, count=whole // _WORD_BYTES)
    left = [words[words != 0].view(np.uint8), np.frombuffer(voxels, np.uint8, offset=whole)]
    counts = np.bincount(np.concatenate(left), minlength=256)
    counts[0] = 0
    return counts
