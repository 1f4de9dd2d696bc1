"""Values at the right places, and what is not covered said as missing."""

import numpy as np
import pytest

from tests.reference_data import reference_path
from worker.compute.dicom import read_volume
from worker.compute.errors import FrameOfReferenceMismatch, GeometryMismatch
from worker.compute.geometry import index_to_lps
from worker.compute.resample import analysis_grid, resample_to
from worker.compute.types import Geometry, Volume


def grid(size_xyz, spacing_mm, origin_lps_mm, frame="1.2", **more) -> Geometry:
    return Geometry(
        size_xyz=size_xyz, spacing_mm=spacing_mm, origin_lps_mm=origin_lps_mm, frame_of_reference_uid=frame, **more
    )


def ramp(geometry: Geometry) -> Volume:
    """A linear function of the place: linear interpolation must give it exactly."""
    z, y, x = np.indices(geometry.shape_zyx)
    places = index_to_lps(geometry, np.stack([x, y, z], axis=-1))
    return Volume(array_zyx=(places @ [1.0, 2.0, -3.0]).astype(np.float32), geometry=geometry, unit="SUVbw")


PET = grid((10, 12, 8), (4.0, 4.0, 3.0), (-20.0, -24.0, 5.0))
CT = grid((9, 9, 7), (2.0, 1.5, 2.5), (-8.0, -6.0, 8.0))


def test_linear_ramp_is_exact_on_an_oblique_grid():
    turned = grid((5, 5, 5), (2, 2, 2), (-8, -8, 12), direction=(0.8, -0.6, 0, 0.6, 0.8, 0, 0, 0, 1))
    resampled, missing_zyx = resample_to(ramp(PET), turned)
    assert not missing_zyx.any()
    assert np.allclose(resampled.array_zyx, ramp(turned).array_zyx, atol=1e-4)


def test_offset_moves_the_volume():
    resampled, missing_zyx = resample_to(ramp(PET), CT, offset_lps_mm=(1.0, -2.0, 0.5))
    assert not missing_zyx.any()
    assert np.allclose(resampled.array_zyx, ramp(CT).array_zyx - (1.0 - 4.0 - 1.5), atol=1e-4)


def test_outside_is_nan_and_missing_for_images():
    beyond = grid((4, 3, 3), (4.0, 4.0, 3.0), (12.0, -12.0, 8.0))
    resampled, missing_zyx = resample_to(ramp(PET), beyond)
    assert missing_zyx[0, 0].tolist() == [False, False, True, True]
    assert np.array_equal(np.isnan(resampled.array_zyx), missing_zyx)


def test_masks_keep_their_labels():
    labels = Volume(array_zyx=np.zeros(PET.shape_zyx, np.uint8), geometry=PET, unit="label")
    labels.array_zyx[2:5, 4:8, 4:7] = 7
    resampled, missing_zyx = resample_to(labels, CT, interpolation="nearest")
    assert resampled.array_zyx.dtype == np.uint8 and set(np.unique(resampled.array_zyx)) == {0, 7}
    same, _ = resample_to(labels, PET, interpolation="nearest")
    assert np.array_equal(same.array_zyx, labels.array_zyx)


def test_missing_values_of_the_moving_volume_stay_missing():
    pet = ramp(PET)
    pet.array_zyx[3] = np.nan
    _, missing_zyx = resample_to(pet, PET)
    assert missing_zyx[3].all() and not missing_zyx[0].any()


def test_analysis_grid_crops_the_ct_and_marks_what_the_pet_lacks():
    ct = Volume(
        array_zyx=np.zeros((4, 20, 30), np.int16), geometry=grid((30, 20, 4), (2, 2, 3), (-30, -24, 8)), unit="HU"
    )
    made = analysis_grid(ct, ramp(PET), crop_xy=16)
    assert made.ct.geometry.size_xyz == (16, 16, 4) and made.ct.geometry.origin_lps_mm == (-16, -20, 8)
    assert made.pet.geometry == made.ct.geometry
    assert 0 <= made.missing_fraction < 1
    assert np.array_equal(np.isnan(made.pet.array_zyx), made.missing_zyx)
    assert analysis_grid(ct, ramp(PET), crop_xy=None).ct.geometry == ct.geometry


def test_other_frames_and_other_places_are_refused():
    ct = Volume(array_zyx=np.zeros(CT.shape_zyx), geometry=CT)
    with pytest.raises(FrameOfReferenceMismatch, match=r"1\.2\).*9\.9\)"):
        analysis_grid(ct, ramp(grid((10, 12, 8), (4, 4, 3), (-20, -24, 5), frame="9.9")))
    with pytest.raises(GeometryMismatch, match="do not overlap"):
        analysis_grid(ct, ramp(grid((10, 12, 8), (4, 4, 3), (500, 0, 0))))


def test_part_of_a_real_ct_outside_its_pet():
    ct = read_volume(reference_path("petct", "STS_019", "CT", "image"))
    pet = read_volume(reference_path("petct", "STS_019", "PET", "image"))
    assert analysis_grid(ct, pet).missing_fraction == pytest.approx(0.078, abs=0.0005)
