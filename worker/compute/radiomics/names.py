"""PyRadiomics' feature names as plain strings, in one fixed order: what a dashboard can read without PyRadiomics.

The paper's classes: 1,781 features of a tumour = 19 images x (18 first-order + 24 GLCM + 16 GLRLM + 16 GLSZM + 14 GLDM
+ 5 NGTDM) + 14 shape; 342 of brown fat = 19 images x 18 first-order.
"""

from collections.abc import Iterable, Sequence

SHAPE = "shape"
FIRST_ORDER = "firstorder"
TEXTURE_CLASSES = ("glcm", "glrlm", "glszm", "gldm", "ngtdm")

# PyRadiomics' own spelling of a class, and the words of the paper.
CLASS_TITLES = {
    FIRST_ORDER: "first-order",
    "glcm": "GLCM",
    "glrlm": "GLRLM",
    "glszm": "GLSZM",
    "gldm": "GLDM",
    "ngtdm": "NGTDM",
    SHAPE: "shape",
}


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


FEATURES_OF_CLASS: dict[str, tuple[str, ...]] = {
    SHAPE: _words(
        """Elongation Flatness LeastAxisLength MajorAxisLength Maximum2DDiameterColumn Maximum2DDiameterRow
        Maximum2DDiameterSlice Maximum3DDiameter MeshVolume MinorAxisLength Sphericity SurfaceArea SurfaceVolumeRatio
        VoxelVolume"""
    ),
    FIRST_ORDER: _words(
        """10Percentile 90Percentile Energy Entropy InterquartileRange Kurtosis Maximum MeanAbsoluteDeviation Mean
        Median Minimum Range RobustMeanAbsoluteDeviation RootMeanSquared Skewness TotalEnergy Uniformity Variance"""
    ),
    "glcm": _words(
        """Autocorrelation ClusterProminence ClusterShade ClusterTendency Contrast Correlation DifferenceAverage
        DifferenceEntropy DifferenceVariance Id Idm Idmn Idn Imc1 Imc2 InverseVariance JointAverage JointEnergy
        JointEntropy MCC MaximumProbability SumAverage SumEntropy SumSquares"""
    ),
    "glrlm": _words(
        """GrayLevelNonUniformity GrayLevelNonUniformityNormalized GrayLevelVariance HighGrayLevelRunEmphasis
        LongRunEmphasis LongRunHighGrayLevelEmphasis LongRunLowGrayLevelEmphasis LowGrayLevelRunEmphasis RunEntropy
        RunLengthNonUniformity RunLengthNonUniformityNormalized RunPercentage RunVariance ShortRunEmphasis
        ShortRunHighGrayLevelEmphasis ShortRunLowGrayLevelEmphasis"""
    ),
    "glszm": _words(
        """GrayLevelNonUniformity GrayLevelNonUniformityNormalized GrayLevelVariance HighGrayLevelZoneEmphasis
        LargeAreaEmphasis LargeAreaHighGrayLevelEmphasis LargeAreaLowGrayLevelEmphasis LowGrayLevelZoneEmphasis
        SizeZoneNonUniformity SizeZoneNonUniformityNormalized SmallAreaEmphasis SmallAreaHighGrayLevelEmphasis
        SmallAreaLowGrayLevelEmphasis ZoneEntropy ZonePercentage ZoneVariance"""
    ),
    "gldm": _words(
        """DependenceEntropy DependenceNonUniformity DependenceNonUniformityNormalized DependenceVariance
        GrayLevelNonUniformity GrayLevelVariance HighGrayLevelEmphasis LargeDependenceEmphasis
        LargeDependenceHighGrayLevelEmphasis LargeDependenceLowGrayLevelEmphasis LowGrayLevelEmphasis
        SmallDependenceEmphasis SmallDependenceHighGrayLevelEmphasis SmallDependenceLowGrayLevelEmphasis"""
    ),
    "ngtdm": _words("Busyness Coarseness Complexity Contrast Strength"),
}

ORIGINAL = "original"
POINTWISE_IMAGES = ("square", "squareroot", "logarithm", "exponential")
GRADIENT = "gradient"
WAVELET_IMAGES = tuple(f"wavelet-{bands}" for bands in ("LLH", "LHL", "LHH", "HLL", "HLH", "HHL", "HHH", "LLL"))
LBP3D_IMAGES = ("lbp-3D-m1", "lbp-3D-m2", "lbp-3D-k")


def log_image(sigma_mm: float) -> str:
    """PyRadiomics' name of the Laplacian-of-Gaussian image, e.g. ``log-sigma-3-0-mm-3D``."""
    return f"log-sigma-{str(float(sigma_mm)).replace('.', '-')}-mm-3D"


def image_names(log_sigmas_mm: Sequence[float]) -> tuple[str, ...]:
    """The original and the filtered images in the recipe's order: 19 with two sigmas."""
    log_images = tuple(log_image(sigma) for sigma in log_sigmas_mm)
    return (ORIGINAL, *POINTWISE_IMAGES, GRADIENT, *WAVELET_IMAGES, *LBP3D_IMAGES, *log_images)


def feature_names(feature_classes: Sequence[str], log_sigmas_mm: Sequence[float]) -> tuple[str, ...]:
    """``<image>_<class>_<feature>``: shape of the original first, then image by image, class by class."""
    shape = [f"{ORIGINAL}_{SHAPE}_{name}" for name in FEATURES_OF_CLASS[SHAPE]] if SHAPE in feature_classes else []
    intensity_classes = [name for name in feature_classes if name != SHAPE]
    return (
        *shape,
        *(
            f"{image}_{feature_class}_{feature}"
            for image in image_names(log_sigmas_mm)
            for feature_class in intensity_classes
            for feature in FEATURES_OF_CLASS[feature_class]
        ),
    )


def split_name(name: str) -> tuple[str, str, str]:
    """(image, class, feature) of a PyRadiomics name; a ``source__`` prefix as in ``tumour_ct__`` is left off."""
    image, feature_class, feature = name.rsplit("__", 1)[-1].split("_")
    return image, feature_class, feature


def class_counts(names: Iterable[str]) -> dict[str, int]:
    """How many features of each of the paper's classes: 342 first-order, 456 GLCM … for a tumour; titles as keys."""
    counts = dict.fromkeys(CLASS_TITLES.values(), 0)
    for name in names:
        counts[CLASS_TITLES[split_name(name)[1]]] += 1
    return counts
