"""PyRadiomics called directly on the whole image: the reference that the crops must meet, and volumes to meet it on."""

import numpy as np
import pytest
import SimpleITK as sitk
from radiomics import featureextractor, imageoperations

from worker.compute.radiomics.quiet import pyradiomics_log, single_thread
from worker.compute.radiomics.recipe import Recipe
from worker.compute.types import Geometry, Volume

FILTERS = ("Original", "Square", "SquareRoot", "Logarithm", "Exponential", "Gradient", "Wavelet", "LBP3D", "LoG")


def direct_features(image: sitk.Image, mask: sitk.Image, recipe: Recipe) -> dict[str, float]:
    """PyRadiomics' own extractor without any crop; the only change is that bin edges are computed in float64."""
    settings = {"binWidth": recipe.bin_width, "additionalInfo": False}
    extractor = featureextractor.RadiomicsFeatureExtractor(**settings)
    extractor.disableAllImageTypes()
    for name in FILTERS:
        extractor.enableImageTypeByName(name, customArgs={"sigma": list(recipe.log_sigmas_mm)} if name == "LoG" else {})
    extractor.disableAllFeatures()
    for name in recipe.feature_classes:
        extractor.enableFeatureClassByName(name)
    edges = imageoperations.getBinEdges
    with pytest.MonkeyPatch.context() as patch, pyradiomics_log(), single_thread():
        patch.setattr(
            imageoperations, "getBinEdges", lambda values, **kw: edges(np.asarray(values, dtype=np.float64), **kw)
        )
        return {name: float(value) for name, value in extractor.execute(image, mask).items()}


def as_sitk(volume: Volume) -> sitk.Image:
    image = sitk.GetImageFromArray(volume.array_zyx)
    image.SetSpacing(volume.geometry.spacing_mm)
    image.SetOrigin(volume.geometry.origin_lps_mm)
    return image


def grid(shape_zyx: tuple[int, int, int], spacing_mm: tuple[float, float, float]) -> Geometry:
    return Geometry(size_xyz=shape_zyx[::-1], spacing_mm=spacing_mm, origin_lps_mm=(-120.0, 35.5, -700.0))


def smooth_noise(shape_zyx: tuple[int, int, int], seed: int) -> np.ndarray:
    """Noise with structure at two scales, mean 0, standard deviation about 1."""
    rng = np.random.default_rng(seed)
    fine = rng.normal(size=shape_zyx)
    coarse = sitk.GetArrayFromImage(
        sitk.SmoothingRecursiveGaussian(sitk.GetImageFromArray(rng.normal(size=shape_zyx)), 2.5)
    )
    return 0.4 * fine + coarse / coarse.std()


def ct_volume(geometry: Geometry, seed: int = 1) -> Volume:
    hu = 30 + 80 * smooth_noise(geometry.shape_zyx, seed)
    hu[:, : geometry.shape_zyx[1] // 6] -= 1000
    hu.flat[7] = 2900  # one bright voxel far away scales four of the filters
    return Volume(array_zyx=np.rint(hu).astype(np.int16), geometry=geometry, unit="HU")


def pet_volume(geometry: Geometry, seed: int = 2) -> Volume:
    suv_bw = np.abs(4 + 1.5 * smooth_noise(geometry.shape_zyx, seed))
    suv_bw.flat[11] = 41.25
    return Volume(array_zyx=suv_bw.astype(np.float32), geometry=geometry, unit="SUVbw")


def ball_mask(geometry: Geometry, centre_zyx: tuple[float, ...], radius_zyx: tuple[float, ...]) -> Volume:
    zyx = np.indices(geometry.shape_zyx)
    distance = sum(((zyx[a] - centre_zyx[a]) / radius_zyx[a]) ** 2 for a in range(3))
    return Volume(array_zyx=(distance <= 1).astype(np.uint8), geometry=geometry, unit="label")
