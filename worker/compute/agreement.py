"""How far readers agree: Dice, surface Dice, Hausdorff distances in mm and volumes in ml for each pair of masks."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import combinations

import numpy as np
from scipy.ndimage import binary_erosion, distance_transform_edt

from worker.compute.consensus import check_readings
from worker.compute.geometry import mask_box
from worker.compute.surface_dice import SURFACE_TOLERANCE_MM, surface_dice
from worker.compute.types import Volume

HD95_PERCENTILE = 95.0

DEFINITIONS = {
    "dice": "2|A∩B| / (|A|+|B|) over voxels; null where both masks are empty, 0 where one is",
    "surface_dice": "share of both surfaces' area (voxel faces) within tolerance_mm of the other; null, 0 as for dice",
    "tolerance_mm": "how far apart two surfaces may lie to count as the same, in mm",
    "hd95_mm": "95th percentile of the distances of both surfaces' voxels to the other surface, pooled, in mm",
    "hd95_directed_mm": "the larger of the two directed 95th percentiles, in mm",
    "hausdorff_mm": "the largest distance of a surface voxel to the other surface, in mm",
    "volume_difference_ml": "volume of a minus volume of b, in ml",
    "volume_difference_percent": "the same in % of the mean of both volumes; null where both masks are empty",
}
"""What the numbers mean; a surface voxel is a mask voxel with a face neighbour outside the mask."""


@dataclass(frozen=True, kw_only=True)
class PairAgreement:
    """Two masks compared; a value that is not defined is None and ``note`` says why."""

    a: str
    b: str
    dice: float | None
    hd95_mm: float | None
    hd95_directed_mm: float | None
    hausdorff_mm: float | None
    volume_a_ml: float
    volume_b_ml: float
    volume_difference_ml: float
    volume_difference_percent: float | None
    surface_dice: float | None
    tolerance_mm: float
    note: str = ""

    def to_json(self) -> dict:
        return asdict(self)


def agreement(
    masks: Sequence[Volume], names: Sequence[str] | None = None, *, tolerance_mm: float = SURFACE_TOLERANCE_MM
) -> list[PairAgreement]:
    """Every pair of masks, in order. Any value but 0 counts as drawn.

    Raises InsufficientData below two masks, GeometryMismatch naming both grids.
    """
    names = names or [f"mask {number}" for number in range(1, len(masks) + 1)]
    check_readings(masks, names)
    pairs = combinations(range(len(masks)), 2)
    return [compare(masks[i], masks[j], names[i], names[j], tolerance_mm=tolerance_mm) for i, j in pairs]


def compare(
    mask_a: Volume, mask_b: Volume, name_a: str, name_b: str, *, tolerance_mm: float = SURFACE_TOLERANCE_MM
) -> PairAgreement:
    """One pair on a common grid."""
    a_zyx, b_zyx = mask_a.array_zyx != 0, mask_b.array_zyx != 0
    volume_a_ml, volume_b_ml = (np.count_nonzero(drawn) * mask_a.geometry.voxel_volume_ml for drawn in (a_zyx, b_zyx))
    spacing_mm = mask_a.geometry.spacing_mm
    distances = _both_directions(a_zyx, b_zyx, spacing_mm)
    mean_ml = (volume_a_ml + volume_b_ml) / 2
    return PairAgreement(
        a=name_a,
        b=name_b,
        dice=dice(a_zyx, b_zyx),
        **_hausdorff(distances),
        volume_a_ml=float(volume_a_ml),
        volume_b_ml=float(volume_b_ml),
        volume_difference_ml=float(volume_a_ml - volume_b_ml),
        volume_difference_percent=float(100 * (volume_a_ml - volume_b_ml) / mean_ml) if mean_ml else None,
        surface_dice=_surface_dice_near(a_zyx, b_zyx, spacing_mm, tolerance_mm),
        tolerance_mm=tolerance_mm,
        note=_note(bool(volume_a_ml), bool(volume_b_ml)),
    )


def dice(a_zyx: np.ndarray, b_zyx: np.ndarray) -> float | None:
    """Dice's coefficient of two boolean arrays; None where both are empty: agreement about nothing is not a number."""
    total = int(np.count_nonzero(a_zyx)) + int(np.count_nonzero(b_zyx))
    return 2.0 * int(np.count_nonzero(a_zyx & b_zyx)) / total if total else None


def surface_distances_mm(
    from_zyx: np.ndarray, to_zyx: np.ndarray, spacing_mm: tuple[float, float, float]
) -> np.ndarray:
    """The distance of each surface voxel of one mask to the nearest surface voxel of the other, in mm."""
    to_surface_mm = distance_transform_edt(~_surface(to_zyx), sampling=spacing_mm[::-1])
    return to_surface_mm[_surface(from_zyx)]


def _surface(mask_zyx: np.ndarray) -> np.ndarray:
    return mask_zyx & ~binary_erosion(mask_zyx)


def _both_directions(
    a_zyx: np.ndarray, b_zyx: np.ndarray, spacing_mm: tuple[float, float, float]
) -> tuple[np.ndarray, np.ndarray] | None:
    """Distances from a to b and from b to a, on the box around both masks; None where one is empty."""
    if not (a_zyx.any() and b_zyx.any()):
        return None
    box = mask_box(a_zyx | b_zyx)
    a_zyx, b_zyx = a_zyx[box], b_zyx[box]
    return surface_distances_mm(a_zyx, b_zyx, spacing_mm), surface_distances_mm(b_zyx, a_zyx, spacing_mm)


def _surface_dice_near(
    a_zyx: np.ndarray, b_zyx: np.ndarray, spacing_mm: tuple[float, float, float], tolerance_mm: float
) -> float | None:
    """On the box around both masks, where all of their surfaces are."""
    if not (a_zyx.any() or b_zyx.any()):
        return None
    box = mask_box(a_zyx | b_zyx)
    return surface_dice(a_zyx[box], b_zyx[box], spacing_mm, tolerance_mm)


def _hausdorff(distances: tuple[np.ndarray, np.ndarray] | None) -> dict[str, float | None]:
    if distances is None:
        return {"hd95_mm": None, "hd95_directed_mm": None, "hausdorff_mm": None}
    pooled_mm = np.concatenate(distances)
    return {
        "hd95_mm": float(np.percentile(pooled_mm, HD95_PERCENTILE)),
        "hd95_directed_mm": float(max(np.percentile(one, HD95_PERCENTILE) for one in distances)),
        "hausdorff_mm": float(pooled_mm.max()),
    }


def _note(has_a: bool, has_b: bool) -> str:
    if has_a and has_b:
        return ""
    return (
        "one mask is empty, so no distance is defined" if has_a or has_b else "both masks are empty: nothing to compare"
    )
