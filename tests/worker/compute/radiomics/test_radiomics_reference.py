"""Published values: PyRadiomics' own breast1 baseline and the IBSI digital phantom, through PETRA's feature classes."""

import ast
import csv
import math

import pytest
import SimpleITK as sitk

from tests.reference_data import reference_path
from worker.compute.nifti import geometry_of, read_nifti
from worker.compute.radiomics.extraction import extract_features
from worker.compute.radiomics.feature_classes import class_features
from worker.compute.radiomics.names import FEATURES_OF_CLASS
from worker.compute.radiomics.quiet import pyradiomics_log
from worker.compute.radiomics.reading import read_image
from worker.compute.radiomics.recipe import standard_recipe
from worker.compute.radiomics.region import select_region
from worker.compute.types import Volume

# The baseline's cases that need no resampling, normalisation or change of the mask beforehand.
BASELINE_CASES = ("breast1", "breast1_2d", "breast1_FBN")

SETTINGS = "diagnostics_Configuration_Settings"

# IBSI's tag and PyRadiomics' name, where both define the same feature; 3-D, averaged over directions.
IBSI_TAGS = {
    "morph_volume": "shape_MeshVolume",
    "morph_vol_approx": "shape_VoxelVolume",
    "morph_area_mesh": "shape_SurfaceArea",
    "morph_av": "shape_SurfaceVolumeRatio",
    "morph_sphericity": "shape_Sphericity",
    "morph_diam": "shape_Maximum3DDiameter",
    "morph_pca_elongation": "shape_Elongation",
    "morph_pca_flatness": "shape_Flatness",
    "stat_mean": "firstorder_Mean",
    "stat_var": "firstorder_Variance",
    "stat_skew": "firstorder_Skewness",
    "stat_median": "firstorder_Median",
    "stat_min": "firstorder_Minimum",
    "stat_p10": "firstorder_10Percentile",
    "stat_p90": "firstorder_90Percentile",
    "stat_max": "firstorder_Maximum",
    "stat_iqr": "firstorder_InterquartileRange",
    "stat_range": "firstorder_Range",
    "stat_mad": "firstorder_MeanAbsoluteDeviation",
    "stat_rmad": "firstorder_RobustMeanAbsoluteDeviation",
    "stat_energy": "firstorder_Energy",
    "stat_rms": "firstorder_RootMeanSquared",
    "ih_entropy": "firstorder_Entropy",
    "ih_uniformity": "firstorder_Uniformity",
    "cm_joint_max_3D_avg": "glcm_MaximumProbability",
    "cm_joint_avg_3D_avg": "glcm_JointAverage",
    "cm_joint_var_3D_avg": "glcm_SumSquares",
    "cm_joint_entr_3D_avg": "glcm_JointEntropy",
    "cm_diff_avg_3D_avg": "glcm_DifferenceAverage",
    "cm_diff_var_3D_avg": "glcm_DifferenceVariance",
    "cm_diff_entr_3D_avg": "glcm_DifferenceEntropy",
    "cm_sum_avg_3D_avg": "glcm_SumAverage",
    "cm_sum_entr_3D_avg": "glcm_SumEntropy",
    "cm_energy_3D_avg": "glcm_JointEnergy",
    "cm_contrast_3D_avg": "glcm_Contrast",
    "cm_inv_diff_3D_avg": "glcm_Id",
    "cm_inv_diff_norm_3D_avg": "glcm_Idn",
    "cm_inv_diff_mom_3D_avg": "glcm_Idm",
    "cm_inv_diff_mom_norm_3D_avg": "glcm_Idmn",
    "cm_inv_var_3D_avg": "glcm_InverseVariance",
    "cm_corr_3D_avg": "glcm_Correlation",
    "cm_auto_corr_3D_avg": "glcm_Autocorrelation",
    "cm_clust_tend_3D_avg": "glcm_ClusterTendency",
    "cm_clust_shade_3D_avg": "glcm_ClusterShade",
    "cm_clust_prom_3D_avg": "glcm_ClusterProminence",
    "cm_info_corr1_3D_avg": "glcm_Imc1",
    "cm_info_corr2_3D_avg": "glcm_Imc2",
    "rlm_sre_3D_avg": "glrlm_ShortRunEmphasis",
    "rlm_lre_3D_avg": "glrlm_LongRunEmphasis",
    "rlm_lgre_3D_avg": "glrlm_LowGrayLevelRunEmphasis",
    "rlm_hgre_3D_avg": "glrlm_HighGrayLevelRunEmphasis",
    "rlm_srlge_3D_avg": "glrlm_ShortRunLowGrayLevelEmphasis",
    "rlm_srhge_3D_avg": "glrlm_ShortRunHighGrayLevelEmphasis",
    "rlm_lrlge_3D_avg": "glrlm_LongRunLowGrayLevelEmphasis",
    "rlm_lrhge_3D_avg": "glrlm_LongRunHighGrayLevelEmphasis",
    "rlm_glnu_3D_avg": "glrlm_GrayLevelNonUniformity",
    "rlm_glnu_norm_3D_avg": "glrlm_GrayLevelNonUniformityNormalized",
    "rlm_rlnu_3D_avg": "glrlm_RunLengthNonUniformity",
    "rlm_rlnu_norm_3D_avg": "glrlm_RunLengthNonUniformityNormalized",
    "rlm_r_perc_3D_avg": "glrlm_RunPercentage",
    "rlm_gl_var_3D_avg": "glrlm_GrayLevelVariance",
    "rlm_rl_var_3D_avg": "glrlm_RunVariance",
    "rlm_rl_entr_3D_avg": "glrlm_RunEntropy",
    "szm_sze_3D": "glszm_SmallAreaEmphasis",
    "szm_lze_3D": "glszm_LargeAreaEmphasis",
    "szm_lgze_3D": "glszm_LowGrayLevelZoneEmphasis",
    "szm_hgze_3D": "glszm_HighGrayLevelZoneEmphasis",
    "szm_szlge_3D": "glszm_SmallAreaLowGrayLevelEmphasis",
    "szm_szhge_3D": "glszm_SmallAreaHighGrayLevelEmphasis",
    "szm_lzlge_3D": "glszm_LargeAreaLowGrayLevelEmphasis",
    "szm_lzhge_3D": "glszm_LargeAreaHighGrayLevelEmphasis",
    "szm_glnu_3D": "glszm_GrayLevelNonUniformity",
    "szm_glnu_norm_3D": "glszm_GrayLevelNonUniformityNormalized",
    "szm_zsnu_3D": "glszm_SizeZoneNonUniformity",
    "szm_zsnu_norm_3D": "glszm_SizeZoneNonUniformityNormalized",
    "szm_z_perc_3D": "glszm_ZonePercentage",
    "szm_gl_var_3D": "glszm_GrayLevelVariance",
    "szm_zs_var_3D": "glszm_ZoneVariance",
    "szm_zs_entr_3D": "glszm_ZoneEntropy",
    "ngt_coarseness_3D": "ngtdm_Coarseness",
    "ngt_contrast_3D": "ngtdm_Contrast",
    "ngt_busyness_3D": "ngtdm_Busyness",
    "ngt_complexity_3D": "ngtdm_Complexity",
    "ngt_strength_3D": "ngtdm_Strength",
    "ngl_lde_3D": "gldm_SmallDependenceEmphasis",
    "ngl_hde_3D": "gldm_LargeDependenceEmphasis",
    "ngl_lgce_3D": "gldm_LowGrayLevelEmphasis",
    "ngl_hgce_3D": "gldm_HighGrayLevelEmphasis",
    "ngl_ldlge_3D": "gldm_SmallDependenceLowGrayLevelEmphasis",
    "ngl_ldhge_3D": "gldm_SmallDependenceHighGrayLevelEmphasis",
    "ngl_hdlge_3D": "gldm_LargeDependenceLowGrayLevelEmphasis",
    "ngl_hdhge_3D": "gldm_LargeDependenceHighGrayLevelEmphasis",
    "ngl_glnu_3D": "gldm_GrayLevelNonUniformity",
    "ngl_dcnu_3D": "gldm_DependenceNonUniformity",
    "ngl_dcnu_norm_3D": "gldm_DependenceNonUniformityNormalized",
    "ngl_gl_var_3D": "gldm_GrayLevelVariance",
    "ngl_dc_var_3D": "gldm_DependenceVariance",
    "ngl_dc_entr_3D": "gldm_DependenceEntropy",
}

IBSI_AXES = {
    "morph_pca_maj_axis": "shape_MajorAxisLength",
    "morph_pca_min_axis": "shape_MinorAxisLength",
    "morph_pca_least_axis": "shape_LeastAxisLength",
}

# Where the consensus states no tolerance it is half of the last of its three digits.
IBSI_DIGITS = 0.005


def original_features(image: Volume, mask: Volume, feature_class: str, settings: dict) -> dict[str, float]:
    region = select_region(image, mask, "ct")
    with pyradiomics_log() as messages:
        array_zyx = region.array_zyx[region.box.slices()]
        return class_features(region, array_zyx, f"original_{feature_class}", settings, messages)


@pytest.mark.parametrize("feature_class", FEATURES_OF_CLASS)
def test_breast1_baseline_of_pyradiomics(feature_class):
    image = read_image(reference_path("pyradiomics_baseline", "breast1_image.nrrd"))
    mask = read_image(reference_path("pyradiomics_baseline", "breast1_label.nrrd"))
    with reference_path("pyradiomics_baseline", f"baseline_{feature_class}.csv").open(newline="") as file:
        rows = {row["featureName"]: row for row in csv.DictReader(file)}
    cases = [case for case in BASELINE_CASES if case in rows[SETTINGS]]
    for case in cases:
        computed = original_features(image, mask, feature_class, ast.literal_eval(rows[SETTINGS][case]))
        published = {name: float(row[case]) for name, row in rows.items() if name.startswith("original_") and row[case]}
        assert len(published.keys() & computed.keys()) >= len(FEATURES_OF_CLASS[feature_class]) - 1
        for name in published.keys() & computed.keys():
            assert computed[name] == pytest.approx(published[name], rel=1e-6), f"{case} {name}"


def test_breast1_through_the_whole_recipe():
    """The published texture of the original image comes out of the tumour recipe for CT (25-unit bins) as well."""
    image = read_image(reference_path("pyradiomics_baseline", "breast1_image.nrrd"))
    mask = read_image(reference_path("pyradiomics_baseline", "breast1_label.nrrd"))
    features = extract_features(image, mask, standard_recipe("tumour")).by_name()
    for feature_class in ("shape", "glrlm", "glszm", "ngtdm"):
        with reference_path("pyradiomics_baseline", f"baseline_{feature_class}.csv").open(newline="") as file:
            published = {r["featureName"]: r["breast1"] for r in csv.DictReader(file) if r["featureName"] in features}
        assert published
        for name, value in published.items():
            assert features[name] == pytest.approx(float(value), rel=1e-6), name


@pytest.fixture(scope="module")
def ibsi_reference() -> dict[str, tuple[float, float]]:
    """Consensus value and tolerance by tag."""
    path = reference_path("ibsi_digital", "ibsi_1_reference_values_digital_phantom.csv")
    with path.open(newline="", encoding="utf-8-sig") as file:
        rows = [row for row in csv.DictReader(file) if row["reference value"]]
    return {row["tag"]: (float(row["reference value"]), float(row["tolerance"] or 0)) for row in rows}


@pytest.fixture(scope="module")
def ibsi_computed() -> dict[str, float]:
    image = read_nifti(reference_path("ibsi_digital", "nifti", "image", "phantom.nii.gz"))
    mask = read_nifti(reference_path("ibsi_digital", "nifti", "mask", "mask.nii.gz"))
    features: dict[str, float] = {}
    for feature_class in FEATURES_OF_CLASS:
        features |= original_features(image, mask, feature_class, {"binWidth": 1})
    return features


@pytest.mark.parametrize(("tag", "name"), IBSI_TAGS.items())
def test_ibsi_digital_phantom(tag, name, ibsi_computed, ibsi_reference):
    value, tolerance = ibsi_reference[tag]
    assert ibsi_computed[f"original_{name}"] == pytest.approx(value, rel=IBSI_DIGITS, abs=tolerance)


@pytest.mark.parametrize(("tag", "name"), IBSI_AXES.items())
def test_ibsi_axes_divide_by_one_voxel_less(tag, name, ibsi_computed, ibsi_reference):
    """PyRadiomics' covariance of the 74 voxel centres divides by n, IBSI's by n - 1."""
    value, tolerance = ibsi_reference[tag]
    assert ibsi_computed[f"original_{name}"] * math.sqrt(74 / 73) == pytest.approx(value, abs=tolerance)


def test_ibsi_kurtosis_is_three_lower(ibsi_computed):
    """PyRadiomics' kurtosis is not the excess over a Gaussian's, IBSI's is."""
    assert ibsi_computed["original_firstorder_Kurtosis"] - 3 == pytest.approx(-0.355, abs=5e-4)


def test_reference_images_are_read_in_their_own_type():
    path = reference_path("pyradiomics_baseline", "breast1_image.nrrd")
    image = sitk.ReadImage(str(path))
    assert read_image(path).geometry == geometry_of(image)
    assert read_image(path).array_zyx.dtype == sitk.GetArrayViewFromImage(image).dtype
