"""SUVbw against published references, and every refusal and warning of the passport."""

import json
import math

import numpy as np
import pytest

from tests.reference_data import reference_path
from tests.worker.compute.made_dicom import image, pet_image, save_all
from worker.compute.dicom import read_series
from worker.compute.errors import SuvRefused
from worker.compute.nifti import read_nifti
from worker.compute.suv import compute_suv_bw, suv_bw_factors

HALF_LIFE_S = 6586.2
ONE_HOUR_FACTOR = 70_000 / (350e6 * 0.5 ** (3600 / HALF_LIFE_S))


def factor(**changes) -> float:
    return suv_bw_factors([pet_image(0, **changes)]).factors[0]


CASES = [
    "PHILIPS_BQML",
    "PHILIPS_CNTS_AND_BQML_SUV",
    "PHILIPS_CNTS_AND_SUV",
    "SIEMENS",
    "GE_MEDICAL_AND_BQML",
    "BQML_AC_DT_lessThan_S_DT_SIEMENS",
    "CPS_AND_BQML_AC_DT_-_S_DT",
    "RADIOPHARM_DATETIME_UNDEFINED",
]


@pytest.mark.parametrize("case", CASES)
def test_headers_of_real_scanners(case):
    expected = json.loads(reference_path("calculate_suv", "expected_suvbw.json").read_text())[case]
    headers = json.loads(reference_path("calculate_suv", "metadata", f"{case}-instances.json").read_text())
    passport = suv_bw_factors(headers)
    assert passport.factors == pytest.approx([expected] * len(headers), rel=1e-9)
    assert json.loads(json.dumps(passport.to_json()))["factor"] == pytest.approx(expected)


@pytest.mark.parametrize("name", ["DRO_0_0", "DRO_1_0", "DRO_2_4", "DRO_3_1"])
def test_digital_reference_objects(name):
    volume, _ = compute_suv_bw(read_series(reference_path("suv_dro", name, "PT")))
    mask = read_nifti(reference_path("suv_dro", name, "mask", "DRO_mask.nii.gz"))
    assert mask.geometry.same_grid(volume.geometry)
    inside = volume.array_zyx[mask.array_zyx > 0]
    assert [f"{v:.2f}" for v in (inside.min(), np.median(inside), inside.max())] == ["0.20", "1.00", "4.00"]


def test_real_patients():
    bqml, passport = compute_suv_bw(read_series(reference_path("petct", "STS_001", "PET", "image")))
    assert passport.factor == pytest.approx(2.429030e-4, rel=1e-6)
    assert bqml.unit == "SUVbw" and any("uptake time of 45 min" in warning for warning in passport.warnings)
    gml, passport = compute_suv_bw(read_series(reference_path("petct", "STS_019", "PET", "image")))
    assert passport.factor == 1 and passport.inputs["uptake_min"] == pytest.approx(111.15)
    assert gml.array_zyx.max() == pytest.approx(16.3277, abs=1e-4)


def test_each_slice_by_its_own_slope(tmp_path):
    slices = [pet_image(0), pet_image(4)]
    slices[1].RescaleSlope = 3
    volume, passport = compute_suv_bw(read_series(save_all(slices, tmp_path)))
    assert passport.factor == pytest.approx(ONE_HOUR_FACTOR)
    assert volume.array_zyx[:, 0, 0] == pytest.approx([1000 * ONE_HOUR_FACTOR, 3000 * ONE_HOUR_FACTOR], rel=1e-6)


def test_corrected_to_the_injection():
    assert factor(DecayCorrection="ADMIN") == pytest.approx(70_000 / 350e6)


def test_uncorrected_for_decay_goes_frame_by_frame():
    frames = [pet_image(z, DecayCorrection="NONE", CorrectedImage=["ATTN"], ActualFrameDuration=60_000) for z in (0, 4)]
    frames[1].AcquisitionTime = "113000"
    first, second = suv_bw_factors(frames).factors
    decay_constant = math.log(2) / HALF_LIFE_S
    mean_of_frame = (1 - math.exp(-60 * decay_constant)) / (60 * decay_constant)
    assert first == pytest.approx(ONE_HOUR_FACTOR / mean_of_frame, rel=1e-9)
    assert second / first == pytest.approx(2 ** (1800 / HALF_LIFE_S))


def test_injection_before_midnight():
    passport = suv_bw_factors(
        [pet_image(0, RadiopharmaceuticalStartTime="233000", SeriesTime="003000", AcquisitionTime="003000")]
    )
    assert passport.factor == pytest.approx(ONE_HOUR_FACTOR)
    assert any("day before" in warning for warning in passport.warnings)


def test_a_scan_past_midnight():
    night = {"SeriesTime": "235500", "RadiopharmaceuticalStartTime": "225500"}
    without_dates = [
        pet_image(0, **night, AcquisitionDate=None, AcquisitionTime="235510"),
        pet_image(4, **night, AcquisitionDate=None, AcquisitionTime="000510"),
    ]
    assert suv_bw_factors(without_dates).factor == pytest.approx(ONE_HOUR_FACTOR)
    stale_date = [pet_image(0, **night, AcquisitionTime="235510"), pet_image(4, **night, AcquisitionTime="000510")]
    with pytest.raises(SuvRefused, match="which is no one scan"):
        suv_bw_factors(stale_date)


def test_dated_injection_counts_and_a_senseless_date_gives_way_to_the_time():
    assert factor(RadiopharmaceuticalStartDateTime="20260302100000.0 ") == pytest.approx(ONE_HOUR_FACTOR)
    assert factor(RadiopharmaceuticalStartDateTime="20260302100000+0100") == pytest.approx(ONE_HOUR_FACTOR)
    moved = suv_bw_factors([pet_image(0, RadiopharmaceuticalStartDateTime="19990101100000")])
    assert moved.factor == pytest.approx(ONE_HOUR_FACTOR)
    assert any("does not fit" in warning for warning in moved.warnings)


def test_series_time_of_a_later_reconstruction_gives_way_to_the_acquisition():
    late = {"SeriesTime": "150000"}
    assert factor(**late) == pytest.approx(ONE_HOUR_FACTOR)
    beds = [pet_image(0, **late), pet_image(4, **late, AcquisitionTime="110500")]
    assert suv_bw_factors(beds).factor == pytest.approx(ONE_HOUR_FACTOR)
    ge = pet_image(0, **late, AcquisitionTime="112000")
    block = ge.private_block(0x0009, "GEMS_PETD_01", create=True)
    block.add_new(0x0D, "DT", "20260302110000.00")
    assert suv_bw_factors([ge]).factor == pytest.approx(ONE_HOUR_FACTOR)


def test_philips_counts_by_either_private_factor():
    counts = {"Units": "CNTS", "Manufacturer": "Philips Medical Systems"}
    direct = pet_image(0, **counts)
    direct.private_block(0x7053, "Philips PET Private Group", create=True).add_new(0x00, "DS", "0.0005")
    assert suv_bw_factors([direct]).factor == 0.0005
    activity = pet_image(0, **counts)
    block = activity.private_block(0x7053, "Philips PET Private Group", create=True)
    block.add_new(0x00, "DS", "0")
    block.add_new(0x09, "DS", "2.5")
    assert suv_bw_factors([activity]).factor == pytest.approx(2.5 * ONE_HOUR_FACTOR)
    with pytest.raises(SuvRefused, match="7053,1000"):
        factor(**counts)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"PatientWeight": None}, "Weight is missing"),
        ({"PatientWeight": 0}, "Weight is missing or zero"),
        ({"RadionuclideTotalDose": None}, "Total Dose is missing"),
        ({"RadionuclideTotalDose": 0}, "Total Dose is missing or zero"),
        ({"RadionuclideHalfLife": None}, "Half Life is missing"),
        ({"RadiopharmaceuticalStartTime": None}, "Start Time is missing"),
        ({"RadiopharmaceuticalStartTime": "120000"}, "no sensible uptake time"),
        ({"SeriesTime": None, "AcquisitionTime": None}, "neither Series Time nor Acquisition Time"),
        ({"Units": "PROPCPS"}, "Units is 'PROPCPS'"),
        ({"Units": None}, "Units is ''"),
        ({"DecayCorrection": None}, "Decay Correction is ''"),
        ({"CorrectedImage": ["DECY"]}, "not corrected for attenuation"),
        ({"CorrectedImage": ["ATTN"]}, "no DECY"),
        ({"Units": "GML", "SUVType": "LBM"}, "type LBM"),
        ({"Units": "GML", "SUVType": "BSA"}, "type BSA"),
        ({"RadiopharmaceuticalInformationSequence": None}, "Total Dose is missing"),
    ],
)
def test_what_is_missing_or_contradictory_is_refused_by_name(changes, sentence):
    with pytest.raises(SuvRefused, match=sentence):
        factor(**changes)


def test_images_that_disagree_are_refused():
    with pytest.raises(SuvRefused, match="disagree about Patient's Weight"):
        suv_bw_factors([pet_image(0), pet_image(4, PatientWeight=71)])


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"RadionuclideTotalDose": 350}, "MBq"),
        ({"PatientWeight": 700}, "weight of 700 kg"),
        ({"RadionuclideHalfLife": 4062}, "not that of fluorine-18"),
        ({"RadiopharmaceuticalStartTime": "093000"}, "uptake time of 90 min"),
        ({"CorrectedImage": None}, "taken on trust"),
        ({"RadionuclideHalfLife": None, "Radiopharmaceutical": "FDG"}, "6586.2 s is used"),
    ],
)
def test_what_is_odd_is_a_warning(changes, sentence):
    assert any(sentence in warning for warning in suv_bw_factors([pet_image(0, **changes)]).warnings)


def test_glucose_is_judged_where_it_is_known():
    assert any("glucose is unknown" in w for w in suv_bw_factors([pet_image(0)]).warnings)
    assert suv_bw_factors([pet_image(0)], plasma_glucose_mmol_l=5.5).warnings == ()
    assert "above 7" in suv_bw_factors([pet_image(0)], plasma_glucose_mmol_l=9).warnings[0]


def test_ct_has_no_suv(tmp_path):
    with pytest.raises(SuvRefused, match="not PET"):
        compute_suv_bw(read_series(save_all([image(0), image(4)], tmp_path)))


def test_a_damaged_element_is_refused_in_a_sentence(tmp_path):
    """A VR that no standard knows raises NotImplementedError out of pydicom when the element is first looked at."""
    folder = save_all([pet_image(z) for z in (0, 4, 8)], tmp_path)
    path = next(iter(sorted(folder.iterdir())))
    content = path.read_bytes()
    path.write_bytes(content.replace(b"\x18\x00\x74\x10DS", b"\x18\x00\x74\x10DX"))
    with pytest.raises(SuvRefused, match="header is damaged"):
        compute_suv_bw(read_series(folder))
