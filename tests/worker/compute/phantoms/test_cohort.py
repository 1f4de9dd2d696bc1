"""The written cohort: DICOM that reads back to the planned numbers, and no fake name after de-identification."""

import csv
import json

import numpy as np
import pydicom
import pytest

from worker.compute.__main__ import main
from worker.compute.deidentify import deidentify_tree
from worker.compute.dicom import read_series, read_volume
from worker.compute.nifti import read_nifti
from worker.compute.phantoms.cohort import CohortRequest, write_cohort
from worker.compute.phantoms.patient import synthesise_patient
from worker.compute.rtstruct import rasterise_roi
from worker.compute.suv import compute_suv_bw

REQUEST = CohortRequest(patients=1, matrix=40, slices=36, effect=1.0, seed=4)


@pytest.fixture(scope="module")
def cohort(tmp_path_factory):
    folder = tmp_path_factory.mktemp("cohort")
    plans = write_cohort(REQUEST, folder, processes=1)
    return folder, plans


@pytest.fixture(scope="module")
def first(cohort):
    folder, plans = cohort
    number = plans[0].clinical.hospital_number
    patient = synthesise_patient(REQUEST.seed, matrix=REQUEST.matrix, slices=REQUEST.slices, plan=plans[0])
    return folder / "dicom" / number, folder / "masks" / number, patient


def test_ct_and_suv_come_back_as_planned(first):
    images, _, patient = first
    ct = read_volume(images / "CT")
    np.testing.assert_array_equal(ct.array_zyx, patient.ct.array_zyx)
    assert ct.geometry.same_grid(patient.ct.geometry)
    suv_bw, _ = compute_suv_bw(read_series(images / "PET"))
    np.testing.assert_allclose(suv_bw.array_zyx, patient.suv_bw.array_zyx, atol=2e-3)
    assert suv_bw.geometry.frame_of_reference_uid == ct.geometry.frame_of_reference_uid != ""


@pytest.mark.parametrize("reader", [1, 2, 3])
def test_a_readers_contour_is_the_readers_mask(first, reader):
    _, masks, patient = first
    drawn = rasterise_roi(masks / f"reader_{reader}.dcm", patient.suv_bw.geometry, "GTV primary tumour")
    np.testing.assert_array_equal(drawn.array_zyx > 0, patient.readings[reader - 1].array_zyx == 1)


def test_the_truth_lies_beside_the_readings(first):
    _, masks, patient = first
    truth = read_nifti(masks / "truth_tumour.nii.gz")
    np.testing.assert_array_equal(truth.array_zyx, patient.tumour.array_zyx)


def test_tables_name_every_patient_and_what_was_planted(cohort):
    folder, plans = cohort
    with (folder / "clinical.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    planted = json.loads((folder / "planted.json").read_text(encoding="utf-8"))
    numbers = [plan.clinical.hospital_number for plan in plans]
    assert (
        [row["hospital_number"] for row in rows] == [one["hospital_number"] for one in planted["patients"]] == numbers
    )
    assert planted["request"]["effect"] == 1.0 and "tumour_pet__original_firstorder_Mean" in str(planted)
    assert sum(bool(one["exclusion"]) for one in planted["patients"]) == 3


def test_no_fake_identifier_survives_deidentification(cohort, tmp_path):
    folder, _ = cohort
    strings = [line for line in (folder / "fake_identifiers.txt").read_text(encoding="utf-8").splitlines() if line]
    before = b"".join(path.read_bytes() for path in folder.rglob("*.dcm"))
    assert all(string.encode() in before for string in strings), "every listed identifier is really planted"
    outcomes = deidentify_tree(folder, tmp_path, "secret")
    assert {outcome.status for outcome in outcomes} == {"stored", "ignored"}
    after = b"".join(path.read_bytes() for path in tmp_path.rglob("*.dcm"))
    assert not [string for string in strings if string.encode() in after] and b"PHI-" not in after


def test_what_is_stored_still_says_synthetic_and_keeps_its_suv(cohort, tmp_path):
    folder, plans = cohort
    source = folder / "dicom" / plans[0].clinical.hospital_number / "PET"
    outcomes = deidentify_tree(source, tmp_path, "secret")
    stored = (tmp_path / outcomes[0].output_path).parent
    header = pydicom.dcmread(tmp_path / outcomes[0].output_path)
    assert header.Manufacturer == "PETRA synthetic phantom" and "SYNTHETIC" in header.SeriesDescription
    before, _ = compute_suv_bw(read_series(source))
    after, _ = compute_suv_bw(read_series(stored))
    np.testing.assert_array_equal(after.array_zyx, before.array_zyx)
    assert outcomes[0].acquisition_month == plans[0].clinical.pet_date.month


def test_the_command_refuses_a_folder_in_use_and_an_empty_cohort(tmp_path, capsys):
    (tmp_path / "something").touch()
    assert main(["phantom", str(tmp_path), "--patients", "1"]) == 2
    assert "not empty" in capsys.readouterr().err
    assert main(["phantom", str(tmp_path / "new"), "--patients", "0"]) == 2
    assert "at least one patient" in capsys.readouterr().err
