"""names.py: the paper's counts, PyRadiomics' own names, and no heavy import."""

import subprocess
import sys

import pytest
from radiomics import getFeatureClasses

from worker.compute.radiomics import names
from worker.compute.radiomics.recipe import standard_recipe


def test_tumour_has_1781_features_in_the_papers_classes():
    feature_names = standard_recipe("tumour").feature_names()
    assert len(feature_names) == len(set(feature_names)) == 1781
    assert names.class_counts(feature_names) == {
        "first-order": 342,
        "GLCM": 456,
        "GLRLM": 304,
        "GLSZM": 304,
        "GLDM": 266,
        "NGTDM": 95,
        "shape": 14,
    }


def test_brown_fat_has_342_first_order_features():
    feature_names = standard_recipe("bat", "pet").feature_names()
    assert len(feature_names) == len(set(feature_names)) == 342
    assert names.class_counts(feature_names)["first-order"] == 342


@pytest.mark.parametrize("feature_class", names.FEATURES_OF_CLASS)
def test_names_are_pyradiomics_own(feature_class):
    own = getFeatureClasses()[feature_class].getFeatureNames()
    assert {name for name, deprecated in own.items() if not deprecated} == set(names.FEATURES_OF_CLASS[feature_class])


def test_counts_ignore_the_source_prefix_of_a_table():
    assert names.class_counts(["tumour_pet__wavelet-LLH_glcm_MCC"])["GLCM"] == 1
    assert names.split_name("bat_ct__lbp-3D-k_firstorder_Mean") == ("lbp-3D-k", "firstorder", "Mean")


def test_names_need_no_scientific_library():
    code = (
        "import sys, worker.compute.radiomics.names, worker.compute.radiomics.recipe;"
        "print(sorted({'radiomics', 'SimpleITK', 'numpy', 'scipy'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
