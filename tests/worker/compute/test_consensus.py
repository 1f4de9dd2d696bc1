"""Majority and STAPLE on masks whose consensus is known."""

import numpy as np
import pytest
import SimpleITK as sitk

from worker.compute.__main__ import main
from worker.compute.consensus import disagreement, majority, staple
from worker.compute.errors import GeometryMismatch, InsufficientData
from worker.compute.nifti import read_nifti, write_nifti
from worker.compute.types import Geometry, Volume

GEOMETRY = Geometry(size_xyz=(6, 5, 4), spacing_mm=(2.0, 2.0, 3.0), origin_lps_mm=(0.0, 0.0, 0.0))


def reading(*indices_zyx: tuple[int, int, int], geometry: Geometry = GEOMETRY) -> Volume:
    array_zyx = np.zeros(geometry.shape_zyx, np.uint8)
    for index in indices_zyx:
        array_zyx[index] = 1
    return Volume(array_zyx=array_zyx, geometry=geometry, unit="label")


def test_majority_takes_what_more_than_half_of_the_readers_drew():
    result = majority([reading((0, 0, 0), (1, 1, 1)), reading((0, 0, 0), (1, 1, 1)), reading((0, 0, 0), (2, 2, 2))])
    assert np.argwhere(result.mask.array_zyx).tolist() == [[0, 0, 0], [1, 1, 1]]
    assert result.tie_voxels == 0
    assert result.dissent.array_zyx[1, 1, 1] == pytest.approx(1 / 3)
    assert result.dissent.array_zyx[2, 2, 2] == pytest.approx(1 / 3)
    assert result.dissent.array_zyx[0, 0, 0] == 0


def test_the_disagreement_counts_votes_where_readers_differ():
    masks = [reading((0, 0, 0), (1, 1, 1)), reading((0, 0, 0), (1, 1, 1)), reading((0, 0, 0), (2, 2, 2))]
    found = disagreement(masks).array_zyx
    assert (found[0, 0, 0], found[1, 1, 1], found[2, 2, 2], found.sum()) == (0, 2, 1, 3)


def test_a_tie_is_excluded_and_counted():
    result = majority([reading((0, 0, 0), (1, 1, 1)), reading((0, 0, 0), (2, 2, 2))])
    assert np.argwhere(result.mask.array_zyx).tolist() == [[0, 0, 0]]
    assert result.tie_voxels == 2


def test_lesion_numbers_count_as_drawn():
    first = reading((0, 0, 0))
    result = majority([first, first.with_array(first.array_zyx * 3), reading()])
    assert result.mask.array_zyx.sum() == 1


def test_staple_estimates_the_reader_who_misses_and_the_one_who_overdraws():
    random = np.random.default_rng(3)
    truth = np.zeros((20, 30, 30), bool)
    truth[6:14, 8:20, 8:20] = True
    geometry = Geometry(size_xyz=(30, 30, 20), spacing_mm=(2.0, 2.0, 3.0), origin_lps_mm=(0.0, 0.0, 0.0))

    def noisy(sensitivity: float, specificity: float) -> Volume:
        drawn = np.where(truth, random.random(truth.shape) < sensitivity, random.random(truth.shape) > specificity)
        return Volume(array_zyx=drawn.astype(np.uint8), geometry=geometry)

    result = staple([noisy(0.95, 0.99), noisy(0.7, 0.995), noisy(0.9, 0.9)])
    assert result.sensitivities == pytest.approx((0.95, 0.7, 0.9), abs=0.05)
    assert result.specificities == pytest.approx((0.99, 0.995, 0.9), abs=0.01)
    assert np.mean(result.mask.array_zyx.astype(bool) == truth) > 0.99


def test_staple_is_that_of_simpleitk():
    random = np.random.default_rng(8)
    arrays = [(random.random(GEOMETRY.shape_zyx) < 0.4).astype(np.uint8) for _ in range(3)]
    itk = sitk.STAPLEImageFilter()
    itk.SetForegroundValue(1.0)
    expected = sitk.GetArrayFromImage(itk.Execute([sitk.GetImageFromArray(array) for array in arrays])) > 0.5
    found = staple([Volume(array_zyx=array, geometry=GEOMETRY) for array in arrays])
    assert (found.mask.array_zyx == expected).all()


def test_staple_of_identical_and_of_empty_readings():
    same = reading((1, 1, 1), (1, 1, 2))
    assert (staple([same, same]).mask.array_zyx == same.array_zyx).all()
    assert staple([reading(), reading()]).mask.array_zyx.sum() == 0


def test_different_grids_are_refused_naming_both():
    other = Geometry(size_xyz=(6, 5, 4), spacing_mm=(4.0, 4.0, 4.0), origin_lps_mm=(0.0, 0.0, 0.0))
    with pytest.raises(GeometryMismatch, match=r"(?s)2\.000 x 2\.000 x 3\.000.*4\.000 x 4\.000 x 4\.000"):
        majority([reading(), reading(geometry=other)])
    with pytest.raises(InsufficientData, match="at least 2"):
        staple([reading()])


@pytest.mark.parametrize("method", ["majority", "staple"])
def test_command(tmp_path, capsys, method):
    paths = []
    for number, mask in enumerate([reading((1, 1, 1), (0, 0, 0)), reading((1, 1, 1)), reading((1, 1, 1))]):
        paths.append(str(tmp_path / f"reader{number}.nii.gz"))
        write_nifti(mask, paths[-1])
    out = tmp_path / "consensus.nii.gz"
    assert main(["consensus", *paths, str(out), "--method", method]) == 0
    assert np.argwhere(read_nifti(out).array_zyx).tolist() == [[1, 1, 1]]
    assert '"tie_voxels": 0' in capsys.readouterr().out
    assert main(["consensus", paths[0], str(out)]) == 2
    assert capsys.readouterr().err.count("\n") == 1
