"""Shifts of a PET against its CT: found where they are known, and no alarm where there is none."""

from dataclasses import replace

import numpy as np
import pytest

from tests.reference_data import reference_path
from worker.compute.dicom import read_volume
from worker.compute.errors import EmptyMask, GeometryMismatch
from worker.compute.geometry import index_to_lps
from worker.compute.registration import air_warning, body_offset, detect_offset, roi_in_air_fraction, roi_offset
from worker.compute.rtstruct import rasterise_roi
from worker.compute.types import Geometry, Volume

CT_GRID = Geometry(size_xyz=(60, 60, 30), spacing_mm=(2.0, 2.0, 3.0), origin_lps_mm=(-60.0, -60.0, -45.0))
PET_GRID = Geometry(size_xyz=(30, 30, 28), spacing_mm=(4.0, 4.0, 3.3), origin_lps_mm=(-59.0, -58.0, -44.0))


def ellipsoid(geometry: Geometry, centre, radii) -> np.ndarray:
    z, y, x = np.indices(geometry.shape_zyx)
    places = index_to_lps(geometry, np.stack([x, y, z], axis=-1))
    return (((places - np.array(centre)) / np.array(radii)) ** 2).sum(axis=-1) <= 1


def mask(geometry: Geometry, centre) -> Volume:
    return Volume(array_zyx=ellipsoid(geometry, centre, (18, 12, 15)).astype(np.uint8), geometry=geometry)


@pytest.mark.parametrize("shift", [(0.0, 0.0, 0.0), (5.0, -3.0, 6.6), (1.0, 0.5, -1.0)])
def test_shift_between_two_contours(shift):
    centre = np.array([4.0, -6.0, 3.0])
    found = roi_offset(mask(CT_GRID, centre), mask(PET_GRID, centre - shift))
    assert found.offset_lps_mm == pytest.approx(shift, abs=1.1)  # About a quarter of the PET's 4 mm voxels.
    assert found.dice > 0.88 and found.dice >= found.dice_before - 0.01
    assert (found.warning is not None) == (np.linalg.norm(shift) > 3)


def body(shift=(0, 0, 0)) -> tuple[Volume, Volume]:
    """An ellipsoid body with a hot organ inside, PET moved by ``-shift``."""
    ct = np.full(CT_GRID.shape_zyx, -1000.0)
    ct[ellipsoid(CT_GRID, (0, 0, 0), (50, 35, 40))] = 40
    ct[ellipsoid(CT_GRID, (10, 5, 5), (12, 12, 12))] = -150
    pet = np.full(PET_GRID.shape_zyx, 0.02)
    pet[ellipsoid(PET_GRID, np.array((0, 0, 0)) - shift, (50, 35, 40))] = 1.0
    pet[ellipsoid(PET_GRID, np.array((10, 5, 5)) - shift, (12, 12, 12))] = 3.0
    return Volume(array_zyx=ct, geometry=CT_GRID, unit="HU"), Volume(array_zyx=pet, geometry=PET_GRID, unit="SUVbw")


def test_shift_of_the_whole_body():
    found = body_offset(*body((12, 0, 9)))
    assert found.offset_lps_mm == pytest.approx((12, 0, 9), abs=2)
    assert "15" in found.warning or "14" in found.warning
    assert detect_offset(*body()).warning is None


def test_volumes_without_overlap_are_refused():
    ct, pet = body()
    away = replace(pet, geometry=replace(pet.geometry, origin_lps_mm=(900.0, 0.0, 0.0)))
    with pytest.raises(GeometryMismatch, match="overlap too little"):
        body_offset(ct, away)
    with pytest.raises(EmptyMask):
        roi_in_air_fraction(replace(away, array_zyx=np.ones(PET_GRID.shape_zyx)), ct)


def test_a_region_partly_in_air():
    ct, _ = body()
    assert air_warning(mask(PET_GRID, (0, 0, 0)), ct) is None
    assert roi_in_air_fraction(mask(PET_GRID, (50, 0, 0)), ct) == pytest.approx(0.5, abs=0.15)
    assert "air on the CT" in air_warning(mask(PET_GRID, (50, 0, 0)), ct)


def test_the_shift_of_a_real_patient():
    ct = read_volume(reference_path("petct", "STS_019", "CT", "image"))
    pet = read_volume(reference_path("petct", "STS_019", "PET", "image"))
    ct_roi = rasterise_roi(reference_path("petct", "STS_019", "CT", "mask", "RS.dcm"), ct.geometry, "GTV_Mass_CT")
    pet_path = reference_path("petct", "STS_019", "PET", "mask", "RS.dcm")
    pet_roi = rasterise_roi(pet_path, ct.geometry, "GTV_Mass_PET")
    found = detect_offset(ct, pet, ct_roi=ct_roi, pet_roi=pet_roi)
    assert found.offset_lps_mm == pytest.approx((-3.1, 0.0, 6.6), abs=0.3)
    assert found.dice_before == pytest.approx(0.65, abs=0.01) and found.dice > 0.97
    assert "7.2 mm off the CT" in found.warning
    assert "16% of the region" in air_warning(pet_roi, ct)


def test_no_alarm_for_a_patient_whose_contours_agree():
    ct = read_volume(reference_path("petct", "STS_001", "CT", "image"))
    ct_roi = rasterise_roi(reference_path("petct", "STS_001", "CT", "mask", "RS.dcm"), ct.geometry, "GTV_Mass_CT")
    pet_path = reference_path("petct", "STS_001", "PET", "mask", "1-1.dcm")
    found = roi_offset(ct_roi, rasterise_roi(pet_path, ct.geometry, "GTV_Mass"))
    assert found.warning is None and found.dice == 1
    assert air_warning(ct_roi, ct) is None
