"""Dice, Hausdorff distances and volumes on boxes whose values are known by hand."""

import json

import numpy as np
import pytest
import SimpleITK as sitk

from worker.compute.__main__ import main
from worker.compute.agreement import agreement, compare
from worker.compute.errors import GeometryMismatch
from worker.compute.nifti import to_image, write_nifti
from worker.compute.types import Geometry, Volume

GEOMETRY = Geometry(size_xyz=(30, 30, 30), spacing_mm=(1.0, 2.0, 5.0), origin_lps_mm=(0.0, 0.0, 0.0))


def box(z: slice, y: slice, x: slice) -> Volume:
    array_zyx = np.zeros(GEOMETRY.shape_zyx, np.uint8)
    array_zyx[z, y, x] = 1
    return Volume(array_zyx=array_zyx, geometry=GEOMETRY, unit="label")


CUBE = box(slice(10, 20), slice(10, 20), slice(10, 20))
EMPTY = box(slice(0, 0), slice(0, 0), slice(0, 0))


def test_a_mask_agrees_with_itself():
    pair = compare(CUBE, CUBE, "a", "b")
    assert (pair.dice, pair.hd95_mm, pair.hausdorff_mm, pair.volume_difference_ml) == (1.0, 0.0, 0.0, 0.0)
    assert pair.volume_a_ml == pytest.approx(1000 * 10 / 1000)


@pytest.mark.parametrize(("axis", "shift", "expected_mm"), [(0, 2, 10.0), (1, 2, 4.0), (2, 3, 3.0)])
def test_a_shift_is_measured_in_the_spacing_of_its_axis(axis, shift, expected_mm):
    moved = CUBE.with_array(np.roll(CUBE.array_zyx, shift, axis=axis))
    pair = compare(CUBE, moved, "a", "b")
    assert pair.hausdorff_mm == pytest.approx(expected_mm)
    assert pair.hd95_mm == pytest.approx(expected_mm)
    assert pair.dice == pytest.approx(1 - shift / 10)


def test_the_largest_distance_equals_itks_hausdorff_filter():
    random = np.random.default_rng(5)
    for _ in range(5):
        edges = [np.sort(random.choice(28, 4, replace=False)) + 1 for _ in range(3)]
        a = box(*(slice(e[0], e[2]) for e in edges))
        b = box(*(slice(e[1], e[3]) for e in edges))
        itk = sitk.HausdorffDistanceImageFilter()
        # Only solid boxes that stick out of each other: ITK measures from every voxel, we from the surface.
        itk.Execute(to_image(a.array_zyx, GEOMETRY), to_image(b.array_zyx, GEOMETRY))
        assert compare(a, b, "a", "b").hausdorff_mm == pytest.approx(itk.GetHausdorffDistance(), abs=1e-6)


def test_pooled_and_directed_percentiles_differ_where_one_surface_is_larger():
    bump = box(slice(14, 17), slice(14, 17), slice(20, 28))
    pair = compare(CUBE, CUBE.with_array(CUBE.array_zyx | bump.array_zyx), "a", "b")
    assert pair.hausdorff_mm == pytest.approx(8.0)
    assert pair.hd95_mm < pair.hd95_directed_mm <= pair.hausdorff_mm


def test_what_is_not_defined_is_no_number():
    one = compare(CUBE, EMPTY, "a", "b")
    assert (one.dice, one.hd95_mm) == (0.0, None)
    assert "no distance" in one.note
    both = compare(EMPTY, EMPTY, "a", "b")
    assert (both.dice, both.hd95_mm, both.volume_a_ml) == (None, None, 0.0)
    assert "nothing to compare" in both.note


def test_volume_difference_is_relative_to_the_mean_of_both():
    half = box(slice(10, 15), slice(10, 20), slice(10, 20))
    pair = compare(CUBE, half, "a", "b", tolerance_mm=5.0)
    assert pair.volume_difference_ml == pytest.approx(5.0)
    assert pair.volume_difference_percent == pytest.approx(100 * 5 / 7.5)
    assert (pair.tolerance_mm, pair.surface_dice < 1) == (5.0, True)
    assert compare(EMPTY, EMPTY, "a", "b").volume_difference_percent is None
    assert compare(CUBE, EMPTY, "a", "b").surface_dice == 0.0


def test_every_pair_is_compared_and_grids_must_agree():
    pairs = agreement([CUBE, EMPTY, CUBE], ["r1", "r2", "r3"])
    assert [(pair.a, pair.b) for pair in pairs] == [("r1", "r2"), ("r1", "r3"), ("r2", "r3")]
    other = Volume(
        array_zyx=CUBE.array_zyx,
        geometry=Geometry(size_xyz=(30, 30, 30), spacing_mm=(1.0, 2.0, 5.0), origin_lps_mm=(1.0, 0.0, 0.0)),
    )
    with pytest.raises(GeometryMismatch):
        agreement([CUBE, other])


def test_command(tmp_path):
    for name, mask in (("a", CUBE), ("b", EMPTY)):
        write_nifti(mask, tmp_path / f"{name}.nii.gz")
    out = tmp_path / "agreement.json"
    assert main(["agreement", str(tmp_path / "a.nii.gz"), str(tmp_path / "b.nii.gz"), str(out)]) == 0
    content = json.loads(out.read_text())
    assert content["pairs"][0]["dice"] == 0.0
    assert content["pairs"][0]["hd95_mm"] is None
    assert set(content["definitions"]) <= set(content["pairs"][0])
    assert content["fleiss"]["readers"] == 2
    assert "depends on that background" in content["fleiss"]["background"]
    assert main(["agreement", str(tmp_path / "a.nii.gz"), str(tmp_path / "absent.nii.gz"), str(out)]) == 2
