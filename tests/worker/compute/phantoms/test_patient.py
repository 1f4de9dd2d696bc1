"""One phantom: organs where they belong, values that tissues have, lesions with roles, effect in the voxels."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import ndimage

from worker.compute.bat import bat_mask
from worker.compute.phantoms.patient import synthesise_patient
from worker.compute.phantoms.plan import plan_cohort
from worker.compute.resample import analysis_grid

SMALL = {"matrix": 64, "slices": 60}


@pytest.fixture(scope="module")
def plan():
    plans = plan_cohort(44, 0.0, 0)
    return next(one for one in plans if one.clinical.cancer_type == "cervical" and not one.exclusion)


@pytest.fixture(scope="module")
def patient(plan):
    return synthesise_patient(0, plan=replace(plan, bat_active=True), **SMALL)


def test_ct_and_pet_have_grids_of_their_own(patient):
    assert patient.ct.array_zyx.shape == (60, 64, 64) and patient.ct.array_zyx.dtype == np.int16
    assert patient.suv_bw.array_zyx.shape == (60, 48, 48)
    assert patient.tumour.geometry.same_grid(patient.suv_bw.geometry)
    assert not patient.ct.geometry.same_grid(patient.suv_bw.geometry)


def test_the_bladder_is_hottest_and_the_lungs_are_air(patient):
    z, y, x = np.unravel_index(np.argmax(ndimage.gaussian_filter(patient.suv_bw.array_zyx, 1)), (60, 48, 48))
    spacing, origin = patient.suv_bw.geometry.spacing_mm, patient.suv_bw.geometry.origin_lps_mm
    assert origin[2] + z * spacing[2] < 350, "bladder or renal pelvis, never above the kidneys"
    lung = patient.ct.array_zyx[int(500 / 675 * 60), :, :]
    assert np.count_nonzero((lung > -900) & (lung < -700)) > 150


def test_fat_muscle_and_bone_are_there(patient):
    hu = patient.ct.array_zyx
    for lowest, highest in ((-130, -70), (20, 80), (250, 700)):
        assert np.count_nonzero((hu > lowest) & (hu < highest)) > 500


def test_the_tumour_is_avid_and_three_readers_differ_about_its_edge(plan):
    patient = synthesise_patient(0, plan=plan)
    primary = patient.tumour.array_zyx == 1
    assert patient.suv_bw.array_zyx[primary].mean() > 2.5
    readings = [reading.array_zyx > 0 for reading in patient.readings]
    sizes = [np.count_nonzero(reading) for reading in readings]
    assert len(set(sizes)) == 3
    dice = 2 * np.count_nonzero(readings[0] & readings[2]) / (sizes[0] + sizes[2])
    assert 0.5 < dice < 1


def test_active_brown_fat_is_found_by_the_rule(patient):
    grid = analysis_grid(patient.ct, patient.suv_bw)
    found = bat_mask(grid.ct, grid.pet).array_zyx > 0
    assert found[int(580 / 675 * 60) :].sum() > 20, "above the collar bones"


def test_the_same_plan_is_the_same_patient(plan, patient):
    again = synthesise_patient(0, plan=replace(plan, bat_active=True), **SMALL)
    np.testing.assert_array_equal(again.suv_bw.array_zyx, patient.suv_bw.array_zyx)
    np.testing.assert_array_equal(again.ct.array_zyx, patient.ct.array_zyx)


def test_traits_move_the_voxels_and_nothing_else_does(plan):
    def measure(**traits):
        changed = replace(plan, bat_active=True, traits=replace(plan.traits, **traits))
        phantom = synthesise_patient(0, plan=changed, **SMALL)
        primary = phantom.tumour.array_zyx == 1
        suv_bw = phantom.suv_bw.array_zyx[primary]
        return suv_bw.mean(), suv_bw.std() / suv_bw.mean(), np.count_nonzero(primary)

    base, hot, mixed = (
        measure(),
        measure(uptake=plan.traits.uptake + 2),
        measure(heterogeneity=plan.traits.heterogeneity + 3),
    )
    assert hot[0] > 1.2 * base[0]
    assert mixed[1] > base[1]
    assert base[2] == hot[2] == mixed[2]


def test_every_cancer_has_its_tumour(plan):
    for cancer in ("endometrial", "ovarian", "cervical"):
        record = replace(plan.clinical, cancer_type=cancer, figo_stage="III", lymph_node_metastasis=1)
        labels = synthesise_patient(0, plan=replace(plan, clinical=record), **SMALL).tumour.array_zyx
        assert set(np.unique(labels)) == {0, 1, 2} | ({3} if cancer == "ovarian" else set())
