"""ICC(2,1) against the published table of Shrout and Fleiss, and over readings that are not complete."""

import numpy as np
import pytest

from worker.compute.cohort_agreement import MeasuredReading, measure_agreement
from worker.compute.errors import InsufficientData
from worker.compute.icc import icc_2_1

# Shrout & Fleiss 1979, table 2: six targets, four judges. ICC(2,1) = .29; interval as R's psych::ICC prints it.
JUDGES = np.array([[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]], float)


def test_shrout_and_fleiss():
    found = icc_2_1(JUDGES)
    assert found.icc == pytest.approx(0.2898, abs=5e-5)
    assert (found.low, found.high) == (pytest.approx(0.0188, abs=5e-4), pytest.approx(0.7611, abs=5e-4))


def test_perfect_and_constant_measures():
    same = icc_2_1(np.array([[1.0, 1.0], [4.0, 4.0], [9.0, 9.0]]))
    assert (same.icc, same.low, same.high) == (1.0, 1.0, 1.0)
    constant = icc_2_1(np.ones((3, 2)))
    assert constant.icc is None
    assert "equal" in constant.note


def test_a_constant_shift_between_readers_is_disagreement():
    values = np.array([[1.0, 6.0], [4.0, 9.0], [9.0, 14.0]])
    found = icc_2_1(values)
    assert found.icc < 0.6
    assert np.isfinite([found.low, found.high]).all()


def test_an_interval_that_cannot_be_had_is_none_and_never_nan():
    found = icc_2_1(np.array([[1.27, 1.27, 1.32], [0.03, 3.03, 1.32]]))
    assert found.icc < 0
    assert (found.low, found.high) == (None, None)
    assert "interval" in found.note


def test_too_little_is_refused():
    with pytest.raises(InsufficientData, match="2 cases"):
        icc_2_1(np.ones((1, 3)))


def reading(case: str, reader: str, volume_ml: float | None, outcome: str = "lesions") -> MeasuredReading:
    suv_bw_max = volume_ml if outcome == "lesions" else None
    return MeasuredReading(case=case, reader=reader, outcome=outcome, volume_ml=volume_ml, suv_bw_max=suv_bw_max)


def test_cases_that_cannot_enter_are_counted_with_the_reason():
    readings = [reading(f"case {n}", reader, float(n + k)) for n in range(4) for k, reader in enumerate("ab")]
    readings += [reading("none", reader, 0.0, "no_avid_tumour") for reader in "ab"]
    readings += [reading("half", "a", 3.0), reading("half", "b", 0.0, "no_avid_tumour")]
    readings += [reading("blurred", "a", 3.0), reading("blurred", "b", None, "not_evaluable")]
    readings += [reading("alone", "a", 3.0), reading("waiting", "a", 3.0), reading("waiting", "b", None)]
    volume, suv_bw_max = measure_agreement(readings)
    assert volume.readers == ("a", "b")
    assert set(volume.values) == {"case 0", "case 1", "case 2", "case 3", "half"}
    assert volume.left_out == {
        "no avid tumour for every reader": 1,
        "not evaluable for a reader": 1,
        "read by other readers": 1,
        "not measured yet": 1,
    }
    assert suv_bw_max.left_out["no avid tumour for a reader, so no SUVmax"] == 1
    assert suv_bw_max.to_json()["cases"] == 4
    assert 0 < suv_bw_max.to_json()["icc"] <= 1


def test_nothing_shared_is_said():
    found = measure_agreement([reading("one", "a", 1.0), reading("two", "b", 2.0)])[0].to_json()
    assert found["icc"] is None
    assert "no ICC" in found["note"]
