"""The imaging commands of the scientist's door: outputs, chains and errors as one sentence with status 2."""

import json

import numpy as np
import pytest

from tests.worker.compute.made_dicom import image, pet_image, save, save_all, structure_set
from worker.compute.__main__ import main
from worker.compute.nifti import read_nifti


@pytest.fixture
def study(tmp_path):
    """A CT of fat with a PET of SUV 0.29 and 3 in its slices, and a region, in files."""
    save_all([image(z, value=1024 - 100) for z in (0, 4, 8)], tmp_path / "ct")
    save_all([pet_image(z, RescaleSlope=slope) for z, slope in ((0, 1), (4, 11))], tmp_path / "pet")
    square = np.array([[-9, -18, 0], [-1, -18, 0], [-1, -9, 0], [-9, -9, 0]], float)
    save(structure_set({"GTV": [square, square + [0, 0, 4]]}), tmp_path / "rs.dcm")
    return tmp_path


def run(study, *arguments: str) -> int:
    return main(
        [
            str(study / a) if not a.startswith("-") and ("/" in a or "." in a or a in ("ct", "pet")) else a
            for a in arguments
        ]
    )


def test_from_dicom_to_brown_fat(study, capsys):
    assert run(study, "volume", "ct", "ct.nii.gz") == 0
    assert run(study, "volume", "pet", "bqml.nii.gz") == 0
    assert run(study, "suv", "pet", "suv.nii.gz", "--passport", "suv.json") == 0
    assert run(study, "resample", "suv.nii.gz", "ct.nii.gz", "on_ct.nii.gz") == 0
    assert run(study, "bat", "ct.nii.gz", "suv.nii.gz", "bat.nii.gz") == 0
    assert run(study, "bat", "ct.nii.gz", "on_ct.nii.gz", "again.nii.gz") == 0
    assert capsys.readouterr().err == ""
    assert read_nifti(study / "ct.nii.gz").array_zyx.dtype == np.int16
    assert np.all(read_nifti(study / "ct.nii.gz").array_zyx == -100)
    assert np.allclose(read_nifti(study / "bqml.nii.gz").array_zyx[:, 0, 0], [1000, 11000])
    on_ct = read_nifti(study / "on_ct.nii.gz").array_zyx
    assert np.isnan(on_ct[2]).all() and on_ct[1] == pytest.approx(11 * on_ct[0])
    brown = read_nifti(study / "bat.nii.gz").array_zyx
    assert brown.sum(axis=(1, 2)).tolist() == [0, 48, 0]
    assert np.array_equal(read_nifti(study / "again.nii.gz").array_zyx, brown)
    passport = json.loads((study / "suv.json").read_text())
    assert passport["factor"] * 11000 == pytest.approx(float(on_ct[1, 0, 0]), rel=1e-6)
    assert passport["inputs"]["uptake_min"] == 60


def test_a_region_on_either_series(study):
    assert run(study, "mask", "rs.dcm", "ct", "mask.nii.gz", "--roi", "GTV") == 0
    assert read_nifti(study / "mask.nii.gz").array_zyx.sum(axis=(1, 2)).tolist() == [12, 12, 0]
    assert run(study, "mask", "rs.dcm", "pet", "pet_mask.nii.gz", "--roi", "GTV") == 0
    assert run(study, "resample", "pet_mask.nii.gz", "mask.nii.gz", "back.nii.gz", "--mask") == 0
    assert np.array_equal(read_nifti(study / "back.nii.gz").array_zyx, read_nifti(study / "mask.nii.gz").array_zyx)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("volume", "absent/", "o.nii.gz"), "not a folder"),
        (("volume", "ct", "o.mha"), "NIfTI name"),
        (("suv", "ct", "o.nii.gz"), "not PET"),
        (("mask", "rs.dcm", "ct", "o.nii.gz", "--roi", "liver"), "'GTV'"),
        (("resample", "absent.nii.gz", "absent.nii.gz", "o.nii.gz"), "not a file"),
        (("bat", "absent.nii.gz", "absent.nii.gz", "o.nii.gz"), "not a file"),
    ],
)
def test_errors_are_one_sentence_with_status_2(study, capsys, arguments, sentence):
    assert run(study, *arguments) == 2
    error = capsys.readouterr().err
    assert sentence in error and error.count("\n") == 1
    assert not (study / "o.nii.gz").exists()


def test_a_pet_that_is_no_suv_and_a_passport_over_the_output_are_refused(study, capsys):
    assert run(study, "volume", "ct", "ct.nii.gz") == run(study, "volume", "pet", "bqml.nii.gz") == 0
    assert run(study, "bat", "ct.nii.gz", "bqml.nii.gz", "bat.nii.gz") == 2
    assert "is in BQML, where SUVbw is needed" in capsys.readouterr().err
    assert run(study, "suv", "pet", "suv.nii.gz", "--passport", "suv.nii.gz") == 2
    assert not (study / "suv.nii.gz").exists() and not (study / "bat.nii.gz").exists()


def test_series_of_two_patients_are_refused(study, capsys):
    others = [pet_image(z) for z in (0, 4)]
    for dataset in others:
        dataset.FrameOfReferenceUID = "1.2.3"
    save_all(others, study / "other")
    assert run(study, "volume", "ct", "ct.nii.gz") == 0
    assert run(study, "suv", "other/", "other.nii.gz") == 0
    assert run(study, "bat", "ct.nii.gz", "other.nii.gz", "bat.nii.gz") == 2
    assert "frame of reference 1.2.3" in capsys.readouterr().err
