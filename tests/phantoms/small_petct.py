"""Small pelvic PET/CT phantoms with a known tumour, a bladder that is hotter, and bowel uptake as a distractor."""

import json
from pathlib import Path

import numpy as np
from scipy.ndimage import gaussian_filter

from worker.compute.nifti import write_nifti
from worker.compute.types import Geometry, Volume

SHAPE_ZYX = (24, 32, 32)
SPACING_MM = (8.0, 8.0, 8.0)


def small_geometry(shape_zyx: tuple[int, int, int] = SHAPE_ZYX) -> Geometry:
    return Geometry(size_xyz=shape_zyx[::-1], spacing_mm=SPACING_MM, origin_lps_mm=(-128.0, -128.0, -500.0))


def small_case(seed: int) -> tuple[Volume, Volume, Volume]:
    """CT (HU), PET (SUVbw) and label of one synthetic pelvis, centre of the grid at (0, 0, 0) mm."""
    random = np.random.default_rng(seed)
    geometry = small_geometry()
    z, y, x = np.meshgrid(
        *((np.arange(n) - n / 2) * s for n, s in zip(SHAPE_ZYX, SPACING_MM, strict=True)), indexing="ij"
    )

    def ellipsoid(centre_zyx, radii_zyx):
        (cz, cy, cx), (rz, ry, rx) = centre_zyx, radii_zyx
        return ((z - cz) / rz) ** 2 + ((y - cy) / ry) ** 2 + ((x - cx) / rx) ** 2 < 1

    body = (y / 90) ** 2 + (x / 115) ** 2 < 1
    ct = np.where(body, random.uniform(30, 50), -1000.0)
    pet = np.where(body, random.uniform(0.6, 1.2), 0.02)
    bone = ((y - 60) ** 2 + x**2 < 18**2) | (body & (np.abs(np.abs(x) - 80) < 14) & (np.abs(y - 10) < 25))
    ct[bone] = random.uniform(350, 600)
    bladder = ellipsoid(
        (random.uniform(30, 55), random.uniform(-50, -30), random.uniform(-10, 10)), random.uniform(22, 34, 3)
    )
    ct[bladder], pet[bladder] = 8, random.uniform(10, 25)
    side = random.choice([-1, 1])
    bowel = ellipsoid(
        (random.uniform(-80, -40), random.uniform(-40, 0), side * random.uniform(40, 60)), random.uniform(14, 24, 3)
    )
    bowel &= body
    ct[bowel], pet[bowel] = 20, random.uniform(3, 6)
    centre = (random.uniform(-15, 20), random.uniform(5, 25), random.uniform(-20, 20))
    tumour = ellipsoid(centre, random.uniform(24, 38, 3)) & body & ~bladder & ~bone
    ct[tumour], pet[tumour] = 60, random.uniform(5, 14)
    ct = gaussian_filter(ct, 0.4) + random.normal(0, 12, SHAPE_ZYX)
    pet = np.clip(gaussian_filter(pet, 0.7) * random.normal(1, 0.06, SHAPE_ZYX), 0, None)
    return (
        Volume(array_zyx=ct.astype(np.float32), geometry=geometry, unit="HU"),
        Volume(array_zyx=pet.astype(np.float32), geometry=geometry, unit="SUVbw"),
        Volume(array_zyx=tumour.astype(np.uint8), geometry=geometry, unit="label"),
    )


def write_small_dataset(dataset_dir: Path, seeds: list[int], splits: list[dict] | None = None) -> Path:
    """nnU-Net's raw layout with one case per seed, named ``case_SEED``."""
    for folder in ("imagesTr", "labelsTr"):
        (dataset_dir / folder).mkdir(parents=True, exist_ok=True)
    for seed in seeds:
        ct, suv_bw, label = small_case(seed)
        write_nifti(ct, dataset_dir / "imagesTr" / f"case_{seed:03d}_0000.nii.gz")
        write_nifti(suv_bw, dataset_dir / "imagesTr" / f"case_{seed:03d}_0001.nii.gz")
        write_nifti(label, dataset_dir / "labelsTr" / f"case_{seed:03d}.nii.gz")
    if splits is not None:
        (dataset_dir / "splits_final.json").write_text(json.dumps(splits))
    return dataset_dir
