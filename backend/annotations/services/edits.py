"""An edit as runs of voxels against the revision that it was drawn on: kilobytes instead of the volume.

The gzip file holds little-endian: the number of runs (uint32), their first voxels (uint32 each), their lengths (uint32
each) and their labels (uint8 each). Runs are sorted and do not overlap. ``frontend/src/viewer/edits.ts`` writes them.
"""

import hashlib
import struct
import zlib
from dataclasses import dataclass

from backend.core.errors import Conflict, InvalidInput

_GZIP_WINDOW_BITS = 31
_BYTES_PER_RUN = 9
_DAMAGED = "The edit is damaged: save again."


class WholeMaskNeeded(Conflict):
    """What the edit was drawn on is not here, or is not what the browser has: the whole mask is to be sent."""

    def __init__(self) -> None:
        super().__init__("The revision that this was drawn on is not on the server: the whole mask is needed.")


@dataclass(frozen=True, kw_only=True)
class Edit:
    """Changed voxels, and the SHA-256 of the whole labelmap that must come of them."""

    runs_gzip: bytes
    sha256: str


def unpack(compressed: bytes, *, limit: int, what: str) -> bytes:
    """The content of a gzip file, of which no more than ``limit`` + 1 bytes are ever unpacked. Raises InvalidInput."""
    unpacker = zlib.decompressobj(_GZIP_WINDOW_BITS)
    try:
        content = unpacker.decompress(compressed, limit + 1)
    except zlib.error as error:
        raise InvalidInput(f"The {what} is damaged (it is not gzip): save again.") from error
    if len(content) > limit or (len(content) == limit and not unpacker.eof):
        raise InvalidInput(f"The {what} has more voxels than the PET ({limit:,}): load the case again.")
    return content


Runs = list[tuple[int, int, int]]


def apply_edit(voxels: bytearray, edit: Edit) -> Runs:
    """Makes of ``voxels`` what was drawn, in place, and returns the runs: (first voxel, number of voxels, label).

    Raises InvalidInput for runs that make no sense, and WholeMaskNeeded where the result is not what the browser drew.
    """
    runs = _runs(edit.runs_gzip, voxel_count=len(voxels))
    for first, length, label in runs:
        voxels[first : first + length] = bytes((label,)) * length
    if hashlib.sha256(voxels).hexdigest() != edit.sha256:
        raise WholeMaskNeeded
    return runs


def _runs(compressed: bytes, *, voxel_count: int) -> Runs:
    # An edit that is larger than the mask is sent as the mask.
    content = unpack(compressed, limit=voxel_count + 4, what="edit")
    if len(content) < 4:
        raise InvalidInput(_DAMAGED)
    (count,) = struct.unpack_from("<I", content)
    if len(content) != 4 + _BYTES_PER_RUN * count:
        raise InvalidInput(_DAMAGED)
    firsts = struct.unpack_from(f"<{count}I", content, 4)
    lengths = struct.unpack_from(f"<{count}I", content, 4 + 4 * count)
    runs = list(zip(firsts, lengths, content[4 + 8 * count :], strict=True))
    end = 0
    for first, length, _ in runs:
        if first < end or length == 0:
            raise InvalidInput(_DAMAGED)
        end = first + length
    if end > voxel_count:
        raise InvalidInput("The edit reaches beyond the PET: load the case again.")
    return runs
