"""One mask from several readers: strict majority with ties excluded and counted, or STAPLE."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import SimpleITK as sitk

from worker.compute.errors import InsufficientData
from worker.compute.geometry import check_same_frame, check_same_grid
from worker.compute.types import Volume

STAPLE_THRESHOLD = 0.5
FEWEST_MASKS = 2


@dataclass(frozen=True, kw_only=True)
class ConsensusResult:
    """A proposed consensus for an adjudicator.

    ``mask`` is uint8 0/1 on the readers' grid. ``tie_voxels`` were left out because neither side prevailed.
    ``dissent`` is, per voxel, the fraction (0 to 1) of readers who differ from ``mask``. ``sensitivities`` and
    ``specificities`` are STAPLE's estimates per reader, empty for the majority.
    """

    mask: Volume
    tie_voxels: int
    dissent: Volume
    method: str
    sensitivities: tuple[float, ...] = ()
    specificities: tuple[float, ...] = ()


def majority(masks: Sequence[Volume], names: Sequence[str] | None = None) -> ConsensusResult:
    """Voxels that more than half of the readers drew; exactly half is a tie, which is excluded and counted.

    Any value but 0 counts as drawn. Raises InsufficientData below two masks, GeometryMismatch naming both grids.
    """
    check_readings(masks, names)
    votes_zyx = count_votes(masks)
    drawn_zyx = 2 * votes_zyx > len(masks)
    ties = int(np.count_nonzero(2 * votes_zyx == len(masks)))
    return _result(masks, drawn_zyx, votes_zyx, ties, "majority")


def staple(masks: Sequence[Volume], names: Sequence[str] | None = None) -> ConsensusResult:
    """Voxels whose probability by STAPLE (Warfield et al., 2004; ITK's filter, whole image) is above 0.5.

    Exactly 0.5 counts as a tie. Where no reader drew anything the consensus is empty and no performance is estimated.
    Raises as ``majority`` does.
    """
    check_readings(masks, names)
    votes_zyx = count_votes(masks)
    if not votes_zyx.any():
        return _result(masks, np.zeros(votes_zyx.shape, bool), votes_zyx, 0, "staple")
    staple_filter = sitk.STAPLEImageFilter()
    staple_filter.SetForegroundValue(1.0)
    images = [sitk.GetImageFromArray((mask.array_zyx != 0).astype(np.uint8)) for mask in masks]
    probability_zyx = sitk.GetArrayFromImage(staple_filter.Execute(images))
    ties = int(np.count_nonzero(probability_zyx == STAPLE_THRESHOLD))
    return _result(
        masks,
        probability_zyx > STAPLE_THRESHOLD,
        votes_zyx,
        ties,
        "staple",
        sensitivities=tuple(staple_filter.GetSensitivity()),
        specificities=tuple(staple_filter.GetSpecificity()),
    )


def check_readings(masks: Sequence[Volume], names: Sequence[str] | None = None) -> None:
    """Raises InsufficientData below two masks and GeometryMismatch, naming both, where two grids differ."""
    if len(masks) < FEWEST_MASKS:
        raise InsufficientData(
            f"Comparing readings needs at least {FEWEST_MASKS} masks, not {len(masks)}; add a reading."
        )
    names = names or [f"mask {number}" for number in range(1, len(masks) + 1)]
    for name, mask in zip(names[1:], masks[1:], strict=True):
        check_same_frame(masks[0].geometry, mask.geometry, names[0], name)
        check_same_grid(masks[0].geometry, mask.geometry, names[0], name)


def count_votes(masks: Sequence[Volume]) -> np.ndarray:
    """How many readers drew each voxel, int16 (z, y, x)."""
    votes_zyx = np.zeros(masks[0].geometry.shape_zyx, np.int16)
    for mask in masks:
        votes_zyx += mask.array_zyx != 0
    return votes_zyx


def disagreement(masks: Sequence[Volume]) -> Volume:
    """Where the readers differ: how many of them drew a voxel (1 … n-1), 0 where all or none did; uint8.

    Raises as ``majority`` does.
    """
    check_readings(masks)
    votes_zyx = count_votes(masks)
    split_zyx = np.where(votes_zyx == len(masks), 0, votes_zyx)
    return Volume(array_zyx=split_zyx.astype(np.uint8), geometry=masks[0].geometry, unit="votes")


def _result(
    masks: Sequence[Volume], drawn_zyx: np.ndarray, votes_zyx: np.ndarray, ties: int, method: str, **performance: tuple
) -> ConsensusResult:
    against_zyx = np.where(drawn_zyx, len(masks) - votes_zyx, votes_zyx) / np.float32(len(masks))
    return ConsensusResult(
        mask=Volume(array_zyx=drawn_zyx.astype(np.uint8), geometry=masks[0].geometry, unit="label"),
        tie_voxels=ties,
        dissent=Volume(array_zyx=against_zyx.astype(np.float32), geometry=masks[0].geometry, unit="fraction"),
        method=method,
        **performance,
    )
