"""Fleiss' kappa of all readers at once, over the voxels of the box around everything that anybody drew."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np
from statsmodels.stats.inter_rater import fleiss_kappa

from worker.compute.consensus import check_readings, count_votes
from worker.compute.geometry import mask_box
from worker.compute.types import Volume

BACKGROUND = (
    "Fleiss' kappa is taken over the bounding box of the union of all masks. Its value depends on that background: the "
    "more empty voxels the box holds, the more agreement is expected by chance: the same outlines get another kappa. "
    "Compare it between cases with care, and read it beside Dice."
)


@dataclass(frozen=True, kw_only=True)
class FleissKappa:
    """``kappa`` is None where it is not defined, and ``note`` then says why."""

    kappa: float | None
    readers: int
    voxels: int
    note: str = ""

    def to_json(self) -> dict:
        return asdict(self)


def kappa_of_masks(masks: Sequence[Volume], names: Sequence[str] | None = None) -> FleissKappa:
    """Fleiss' kappa (Psychol Bull 1971;76:378) of drawn / not drawn per voxel; any value but 0 counts as drawn.

    Raises InsufficientData below two masks, GeometryMismatch naming both grids.
    """
    check_readings(masks, names)
    votes_zyx = count_votes(masks)
    if not votes_zyx.any():
        return FleissKappa(kappa=None, readers=len(masks), voxels=0, note="no reader drew anything")
    votes = votes_zyx[mask_box(votes_zyx)].ravel()
    found = {"readers": len(masks), "voxels": len(votes)}
    if (votes == len(masks)).all():
        note = "every reader drew the whole box, so there is no agreement by chance to compare with"
        return FleissKappa(kappa=None, note=note, **found)
    table = np.stack([votes, len(masks) - votes], axis=1)
    return FleissKappa(kappa=float(fleiss_kappa(table)), **found)
