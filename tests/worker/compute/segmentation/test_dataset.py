"""Datasets that cannot be trained on are refused in a sentence before anything starts."""

import dataclasses
import json

import numpy as np
import pytest

from tests.phantoms.small_petct import small_case, write_small_dataset
from worker.compute.errors import ComputeError, EmptyMask, GeometryMismatch, InsufficientData, UnreadableInput
from worker.compute.nifti import read_nifti, write_nifti
from worker.compute.segmentation.dataset import check_case, dataset_json, find_cases
from worker.compute.segmentation.folds import choose_folds


@pytest.fixture
def dataset_dir(tmp_path):
    return write_small_dataset(tmp_path / "dataset", seeds=[1, 2, 3, 4])


def test_a_sound_dataset_is_found_and_described(dataset_dir):
    cases = find_cases(dataset_dir)
    assert [case.name for case in cases] == ["case_001", "case_002", "case_003", "case_004"]
    for case in cases:
        check_case(case)
    described = dataset_json(cases, "CT")
    assert described["channel_names"] == {"0": "CT", "1": "CT"}
    assert described["dataset"]["case_002"]["images"][1].endswith("imagesTr/case_002_0001.nii.gz")


def test_missing_folder_channel_and_label_are_named(dataset_dir):
    with pytest.raises(UnreadableInput, match="no folder imagesTr"):
        find_cases(dataset_dir / "imagesTr")
    (dataset_dir / "imagesTr" / "case_002_0001.nii.gz").unlink()
    with pytest.raises(UnreadableInput, match="case_002 has no SUVbw channel"):
        find_cases(dataset_dir)
    write_small_dataset(dataset_dir, seeds=[2])
    (dataset_dir / "labelsTr" / "case_003.nii.gz").unlink()
    with pytest.raises(UnreadableInput, match="case_003 has no label"):
        find_cases(dataset_dir)


def test_an_empty_folder_is_refused(tmp_path):
    (tmp_path / "imagesTr").mkdir()
    (tmp_path / "labelsTr").mkdir()
    with pytest.raises(InsufficientData, match="holds no case"):
        find_cases(tmp_path)


@pytest.mark.parametrize(
    ("change", "error", "sentence"),
    [
        (lambda label: label * 0, EmptyMask, "no tumour voxel"),
        (lambda label: label * 2, ComputeError, "holds 2; only 0"),
        (lambda label: label * 0.5, ComputeError, "holds 0.5; only 0"),
    ],
)
def test_labels_that_are_not_background_and_tumour_are_refused(dataset_dir, change, error, sentence):
    case = find_cases(dataset_dir)[0]
    label = read_nifti(case.label_path)
    write_nifti(label.with_array(change(label.array_zyx.astype(np.float32))), case.label_path)
    with pytest.raises(error, match=sentence):
        check_case(case)


def test_another_grid_is_refused_naming_both(dataset_dir):
    case = find_cases(dataset_dir)[0]
    _, suv_bw, _ = small_case(1)
    moved = dataclasses.replace(suv_bw.geometry, origin_lps_mm=(0.0, 0.0, 0.0))
    write_nifti(dataclasses.replace(suv_bw, geometry=moved), case.suv_bw_path)
    with pytest.raises(GeometryMismatch, match="SUVbw image has 32 x 32 x 24.*and the CT 32 x 32 x 24"):
        check_case(case)


def test_a_truncated_file_is_refused(dataset_dir):
    case = find_cases(dataset_dir)[0]
    case.ct_path.write_bytes(case.ct_path.read_bytes()[:500])
    with pytest.raises(UnreadableInput, match="is damaged"):
        check_case(case)


def test_the_cases_of_a_patient_share_a_fold(dataset_dir):
    patients = {"case_001": "p1", "case_002": "p1", "case_003": "p2", "case_004": "p3"}
    (dataset_dir / "patients.json").write_text(json.dumps(patients))
    folds = choose_folds(dataset_dir, find_cases(dataset_dir), folds=5, seed=1)
    assert len(folds) == 3
    assert sorted(case for fold in folds for case in fold["val"]) == sorted(patients)
    assert any({"case_001", "case_002"} <= set(fold["val"]) for fold in folds)
    for fold in folds:
        assert not {patients[case] for case in fold["train"]} & {patients[case] for case in fold["val"]}


@pytest.mark.parametrize(
    ("splits", "sentence"),
    [
        ([{"train": ["case_001", "case_002"], "val": ["case_002"]}], "patient case_002 in training and validation"),
        ([{"train": ["case_009"], "val": ["case_002"]}], "names case_009"),
        ([{"train": ["case_001"], "val": []}], "without training or validation"),
        ([{"train": ["case_001"], "val": ["case_002"]}, {"train": ["case_003"], "val": ["case_002"]}], "in two folds"),
        ([{"train": ["case_001"]}], "not a list of folds"),
        ([], "holds no fold"),
    ],
)
def test_a_leaking_or_broken_split_is_refused(dataset_dir, splits, sentence):
    (dataset_dir / "splits_final.json").write_text(json.dumps(splits))
    with pytest.raises(ComputeError, match=sentence):
        choose_folds(dataset_dir, find_cases(dataset_dir), folds=5, seed=1)


def test_one_patient_is_too_few(tmp_path):
    dataset_dir = write_small_dataset(tmp_path, seeds=[1])
    with pytest.raises(InsufficientData, match="at least 2 patients"):
        choose_folds(dataset_dir, find_cases(dataset_dir), folds=5, seed=1)
