"""FDG uptake of a lesion on the native PET grid: SUVmax, SUVpeak, SUVmean, MTV and TLG."""

from dataclasses import asdict, dataclass

import numpy as np
from scipy import ndimage

from worker.compute.errors import EmptyMask
from worker.compute.geometry import check_same_grid, crop, index_to_lps, mask_box
from worker.compute.types import Volume

# SUVpeak is the mean in a sphere of 1 ml (PERCIST, Wahl 2009; IBSI 0F91 for intensity peaks): radius 6.2 mm.
PEAK_VOLUME_ML = 1.0
PEAK_RADIUS_MM = (3 * PEAK_VOLUME_ML * 1000 / (4 * np.pi)) ** (1 / 3)
# Points per voxel axis when the share of a voxel that lies in the sphere is measured; 8 makes the volume right to 1 %.
_SUBDIVISION = 8


@dataclass(frozen=True, kw_only=True)
class LesionUptake:
    """SUVbw in g/ml, volumes in ml, TLG = SUVmean x MTV in g, centres in mm (LPS)."""

    suv_bw_max: float
    suv_bw_peak: float
    suv_bw_mean: float
    metabolic_tumour_volume_ml: float
    total_lesion_glycolysis_g: float
    voxel_count: int
    max_center_lps_mm: tuple[float, float, float]
    peak_center_lps_mm: tuple[float, float, float]

    def to_json(self) -> dict:
        return {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(self).items()}


def lesion_uptake(suv_bw: Volume, mask: Volume) -> LesionUptake:
    """The uptake inside ``mask``, which must lie on the PET's own grid.

    The peak sphere is centred on a voxel of the mask and may reach beyond it (PERCIST). Raises GeometryMismatch, and
    EmptyMask where no voxel of the mask has a value.
    """
    check_same_grid(suv_bw.geometry, mask.geometry, "the PET", "the lesion mask")
    sphere = peak_sphere(suv_bw.geometry.spacing_mm)
    margin = tuple(n // 2 for n in sphere.shape)
    box = mask_box(mask.array_zyx, margin)  # type: ignore[arg-type]
    near = crop(suv_bw, box)
    values_zyx = near.array_zyx.astype(float)
    inside = (mask.array_zyx[box] > 0) & np.isfinite(values_zyx)
    if not inside.any():
        raise EmptyMask("The lesion lies wholly outside the PET, so it has no uptake: check the mask and the series.")
    means = np.where(inside, _sphere_means(values_zyx, sphere), -np.inf)
    values = values_zyx[inside]
    volume_ml = float(len(values) * suv_bw.geometry.voxel_volume_ml)
    return LesionUptake(
        suv_bw_max=float(values.max()),
        suv_bw_peak=float(means.max()),
        suv_bw_mean=float(values.mean()),
        metabolic_tumour_volume_ml=volume_ml,
        total_lesion_glycolysis_g=float(values.mean()) * volume_ml,
        voxel_count=len(values),
        max_center_lps_mm=_place(near, np.where(inside, values_zyx, -np.inf)),
        peak_center_lps_mm=_place(near, means),
    )


def peak_sphere(spacing_mm: tuple[float, float, float]) -> np.ndarray:
    """The share of each voxel (z, y, x) that lies in a 1 ml sphere about the middle voxel's centre."""
    reach_xyz = [int(np.ceil(PEAK_RADIUS_MM / s + 0.5)) - 1 for s in spacing_mm]
    axes = []
    for reach, spacing in zip(reach_xyz[::-1], spacing_mm[::-1], strict=True):
        count = (2 * reach + 1) * _SUBDIVISION
        axes.append((np.arange(count) + 0.5 - count / 2) * spacing / _SUBDIVISION)
    z, y, x = np.meshgrid(*axes, indexing="ij", sparse=True)
    within = (z**2 + y**2 + x**2 <= PEAK_RADIUS_MM**2).astype(float)
    blocks = [side for reach in reach_xyz[::-1] for side in (2 * reach + 1, _SUBDIVISION)]
    return within.reshape(blocks).mean(axis=(1, 3, 5))


def _sphere_means(values_zyx: np.ndarray, sphere: np.ndarray) -> np.ndarray:
    """The mean over the part of the sphere that has values; beyond the volume's edge there is none."""
    known = np.isfinite(values_zyx)
    total = ndimage.convolve(np.where(known, values_zyx, 0.0), sphere, mode="constant")
    weight = ndimage.convolve(known.astype(float), sphere, mode="constant")
    return np.divide(total, weight, out=np.full_like(total, -np.inf), where=weight > 0)


def _place(volume: Volume, scores_zyx: np.ndarray) -> tuple[float, float, float]:
    index_zyx = np.unravel_index(int(np.argmax(scores_zyx)), scores_zyx.shape)
    x, y, z = index_to_lps(volume.geometry, np.array(index_zyx[::-1]))
    return float(x), float(y), float(z)
