"""One PyRadiomics feature class on one image that is cropped to its region, as PyRadiomics crops it."""

import numpy as np
from radiomics import getFeatureClasses

from worker.compute.errors import FeatureFailed
from worker.compute.nifti import to_image
from worker.compute.radiomics.fast_glcm import FastGLCM
from worker.compute.radiomics.quiet import last_reason
from worker.compute.radiomics.region import Region


def class_features(
    region: Region, array_zyx: np.ndarray, prefix: str, settings: dict, messages: list[str]
) -> dict[str, float]:
    """The features of ``prefix`` (``<image>_<class>``) under their full names, all finite.

    ``array_zyx`` has the shape of the region's box; its cast to float64 puts the bin edges into float64. Raises
    FeatureFailed naming the feature, with PyRadiomics' reason from ``messages`` where it logged one.
    """
    image = to_image(array_zyx.astype(np.float64), region.geometry)
    mask = to_image(region.mask_zyx.astype(np.uint32), region.geometry)
    feature_class = prefix.rsplit("_", 1)[-1]
    calculator = FastGLCM if feature_class == "glcm" else getFeatureClasses()[feature_class]
    try:
        computed = calculator(image, mask, **settings).execute()
    except (ValueError, IndexError, ArithmeticError, MemoryError) as error:
        raise FeatureFailed(f"{prefix} could not be computed: {error}.") from error
    features = {f"{prefix}_{name}": float(value) for name, value in computed.items()}
    for name, value in features.items():
        if not np.isfinite(value):
            reason = last_reason(messages, start="FAILED") or "the region is too small or too uniform for it"
            raise FeatureFailed(f"{name} has no finite value for this region: {reason}.")
    return features
