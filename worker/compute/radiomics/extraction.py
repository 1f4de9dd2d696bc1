"""All features of one region by PyRadiomics: the recipe's names with finite values, or a sentence that says why.

The values equal PyRadiomics run on the whole image (relative 1e-6), with grey-level bins in float64: numpy 2 would put
the bin edges of a float32 PET into float32 and move its texture by up to 0.8 %.
"""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from worker.compute.errors import FeatureFailed
from worker.compute.radiomics import names
from worker.compute.radiomics.feature_classes import class_features
from worker.compute.radiomics.filters import NamedImage, filtered_images
from worker.compute.radiomics.quiet import last_reason, pyradiomics_log, single_thread
from worker.compute.radiomics.recipe import Recipe
from worker.compute.radiomics.region import UNITS, Region, region_warnings, select_region
from worker.compute.types import ProgressCallback, Volume, ignore_progress

# A tumour of SUV 40 reaches about 1,200 bins in the wavelet's low-pass image; a PET in Bq/ml would reach millions, and
# the co-occurrence matrices of 2,500 levels already take 0.6 GB.
MOST_GREY_LEVELS = 2500


@dataclass(frozen=True, kw_only=True, eq=False)
class FeatureResult:
    """The features of one region: ``values`` (float64) belong to ``names`` one by one and are all finite."""

    names: tuple[str, ...]
    values: np.ndarray
    recipe_sha256: str
    seconds: float
    mask_voxels: int
    warnings: tuple[str, ...] = ()

    def by_name(self) -> dict[str, float]:
        return dict(zip(self.names, self.values.tolist(), strict=True))


def extract_features(
    image: Volume,
    mask: Volume,
    recipe: Recipe,
    on_progress: ProgressCallback = ignore_progress,
    *,
    labels: Sequence[int] | None = None,
) -> FeatureResult:
    """The recipe's features of the mask's voxels (of ``labels``, merged to one region; None: every label).

    ``image`` is CT in HU or PET in SUVbw, whole, on the mask's grid; missing voxels are NaN. Raises EmptyMask,
    GeometryMismatch, or FeatureFailed naming the feature that has no finite value; ``on_progress`` may raise
    RunCancelled.
    """
    started = time.perf_counter()
    region = select_region(image, mask, recipe.modality, labels)
    with single_thread(), pyradiomics_log() as messages:
        values = _all_features(region, recipe, messages, on_progress)
    return FeatureResult(
        names=recipe.feature_names(),
        values=_in_order(values, recipe.feature_names()),
        recipe_sha256=recipe.sha256,
        seconds=time.perf_counter() - started,
        mask_voxels=region.n_voxels,
        warnings=region_warnings(region, image.unit, recipe.modality, recipe.log_sigmas_mm),
    )


def _all_features(
    region: Region, recipe: Recipe, messages: list[str], on_progress: ProgressCallback
) -> dict[str, float]:
    values: dict[str, float] = {}
    settings = recipe.pyradiomics_settings()
    images = filtered_images(region, recipe)
    for done, image_name in enumerate(recipe.image_names):
        on_progress(done / len(recipe.image_names), f"features of the {image_name} image")
        array_zyx = _next_image(images, image_name, messages)
        _refuse_undefined(region, image_name, array_zyx)
        _refuse_too_many_grey_levels(region, recipe, image_name, array_zyx)
        for feature_class in recipe.feature_classes:
            if feature_class != names.SHAPE or image_name == names.ORIGINAL:
                values |= class_features(region, array_zyx, f"{image_name}_{feature_class}", settings, messages)
    return values


def _next_image(images: Iterator[NamedImage], expected: str, messages: list[str]) -> np.ndarray:
    """The next filtered image; PyRadiomics only logs it when it leaves a filter out."""
    name, array_zyx = next(images, ("", np.empty(0)))
    if name != expected:
        reason = last_reason(messages) or "a locked library is missing or of another version"
        raise FeatureFailed(f"PyRadiomics made no {expected} image: {reason}.")
    return array_zyx


def _refuse_undefined(region: Region, image_name: str, array_zyx: np.ndarray) -> None:
    """PyRadiomics would leave such voxels out of some features and bin them wrongly in others, without a word."""
    undefined = int(np.count_nonzero(~np.isfinite(array_zyx[region.mask_zyx])))
    if undefined:
        raise FeatureFailed(
            f"The {image_name} image has no finite value in {undefined} of {region.n_voxels} voxels of the region "
            "(the image may be constant there), so its features cannot be computed; check the image."
        )


def _refuse_too_many_grey_levels(region: Region, recipe: Recipe, image_name: str, array_zyx: np.ndarray) -> None:
    levels = np.ptp(array_zyx[region.mask_zyx]) / recipe.bin_width
    if levels > MOST_GREY_LEVELS and set(names.TEXTURE_CLASSES) & set(recipe.feature_classes):
        raise FeatureFailed(
            f"The {image_name} image spans {levels:.0f} bins of width {recipe.bin_width:g} in the region, more than "
            f"{MOST_GREY_LEVELS}: check that the {recipe.modality.upper()} is in {UNITS[recipe.modality]}."
        )


def _in_order(values: dict[str, float], expected: tuple[str, ...]) -> np.ndarray:
    if values.keys() != set(expected):
        wrong = ", ".join(sorted(values.keys() ^ set(expected))[:3])
        raise FeatureFailed(
            f"PyRadiomics gave {len(values)} features, the recipe has {len(expected)} (first differences: {wrong}); "
            "install the locked versions."
        )
    return np.array([values[name] for name in expected], dtype=np.float64)
