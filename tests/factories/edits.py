"""Edits as the browser sends them: the voxels that differ between two labelmaps, as runs."""

import gzip
import hashlib

import numpy as np

from backend.annotations.services.edits import Edit


def edit_between(before: np.ndarray, after: np.ndarray, *, first_voxel: int = 0) -> Edit:
    """What turns ``before`` into ``after``, both uint8 (z, y, x); ``first_voxel`` where they are a part of the grid."""
    old, new = before.ravel(), after.ravel()
    changed = np.flatnonzero(old != new)
    starts = np.ones(changed.size, bool)
    starts[1:] = (np.diff(changed) != 1) | (new[changed[1:]] != new[changed[:-1]])
    firsts = changed[starts].astype("<u4")
    lengths = np.diff([*np.flatnonzero(starts), changed.size]).astype("<u4")
    content = (
        np.uint32(firsts.size).astype("<u4").tobytes()
        + (firsts + np.uint32(first_voxel)).astype("<u4").tobytes()
        + lengths.tobytes()
    )
    content += new[firsts].tobytes()
    return Edit(runs_gzip=gzip.compress(content), sha256=hashlib.sha256(new.tobytes()).hexdigest())
