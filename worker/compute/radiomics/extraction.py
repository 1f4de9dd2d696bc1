"""All features of one region by PyRadiomics: the recipe's names with finite values, or a sentence that says why.

The values equal PyRadiomics run on the whole image (relative 1e-6), with grey-level bins in float64: numpy 2 would put
the bin edges of a float32 PET into float32 and move its texture by up to 0.8 %.
"""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from radiomics import getFeatureClasses

from worker.compute.errors import FeatureFailed
from worker.compute.radiomics import names
from worker.compute.radiomics.fast_glcm import FastGLCM
from worker.compute.radiomics.filters import filtered_images, sitk_image
from worker.compute.radiomics.quiet import last_reason, pyradiomics_log, single_thread
from worker.compute.radiomics.recipe import Recipe
from worker.compute.radiomics.region import Region, region_warnings, select_region
from worker.compute.types import ProgressCallback, Volume, ignore_progress


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
    values: dict[str, float] = {}
    with single_thread(), pyradiomics_log() as messages:
        values.update(_shape_features(region, recipe, messages))
        images = filtered_images(region, recipe)
        for done, expected in enumerate(recipe.image_names):
            on_progress(done / len(recipe.image_names), f"features of the {expected} image")
            image_name, array_zyx = _next_image(images, expected, messages)
            values.update(_intensity_features(region, recipe, image_name, array_zyx, messages))
    return FeatureResult(
        names=recipe.feature_names(),
        values=_in_order(values, recipe.feature_names()),
        recipe_sha256=recipe.sha256,
        seconds=time.perf_counter() - started,
        mask_voxels=region.n_voxels,
        warnings=region_warnings(region, recipe.modality, recipe.log_sigmas_mm),
    )


def _next_image(images: Iterator, expected: str, messages: list[str]) -> tuple[str, np.ndarray]:
    """The next filtered image; PyRadiomics only logs it when it leaves a filter out."""
    name, array_zyx = next(images, (None, None))
    if name != expected:
        reason = last_reason(messages) or "a locked library is missing or of another version"
        raise FeatureFailed(f"PyRadiomics made no {expected} image: {reason}.")
    return name, array_zyx


def _shape_features(region: Region, recipe: Recipe, messages: list[str]) -> dict[str, float]:
    if names.SHAPE not in recipe.feature_classes:
        return {}
    array_zyx = region.array_zyx[region.box.slices()].astype(np.float64)
    return _class_features(region, recipe, names.ORIGINAL, names.SHAPE, array_zyx, messages)


def _intensity_features(
    region: Region, recipe: Recipe, image_name: str, array_zyx: np.ndarray, messages: list[str]
) -> dict[str, float]:
    undefined = int(np.count_nonzero(~np.isfinite(array_zyx[region.mask_zyx])))
    if undefined:
        raise FeatureFailed(
            f"The {image_name} image has no finite value in {undefined} of {region.n_voxels} voxels of the region "
            "(the image may be constant there), so its features cannot be computed; check the image."
        )
    features: dict[str, float] = {}
    for feature_class in recipe.feature_classes:
        if feature_class != names.SHAPE:
            features |= _class_features(region, recipe, image_name, feature_class, array_zyx, messages)
    return features


def _class_features(
    region: Region, recipe: Recipe, image_name: str, feature_class: str, array_zyx: np.ndarray, messages: list[str]
) -> dict[str, float]:
    """One class on one image that is cropped to the region's box, as PyRadiomics crops it; float64 sets the bins."""
    image = sitk_image(array_zyx, region.geometry)
    mask = sitk_image(region.mask_zyx.astype(np.uint32), region.geometry)
    calculator = FastGLCM if feature_class == "glcm" else getFeatureClasses()[feature_class]
    try:
        computed = calculator(image, mask, **recipe.pyradiomics_settings()).execute()
    except (ValueError, IndexError, ArithmeticError, MemoryError, np.linalg.LinAlgError) as error:
        raise FeatureFailed(f"{image_name}_{feature_class} could not be computed: {error}.") from error
    features = {f"{image_name}_{feature_class}_{name}": float(value) for name, value in computed.items()}
    for name, value in features.items():
        if not np.isfinite(value):
            reason = last_reason(messages, start="FAILED") or "the region is too small or too uniform for it"
            raise FeatureFailed(f"{name} has no finite value for this region: {reason}.")
    return features


def _in_order(values: dict[str, float], expected: tuple[str, ...]) -> np.ndarray:
    if len(values) != len(expected) or values.keys() != set(expected):
        wrong = sorted(values.keys() ^ set(expected))[:3]
        raise FeatureFailed(
            f"PyRadiomics gave {len(values)} features where the recipe has {len(expected)} (first difference: "
            f"{', '.join(wrong)}); install the locked versions."
        )
    return np.array([values[name] for name in expected], dtype=np.float64)
