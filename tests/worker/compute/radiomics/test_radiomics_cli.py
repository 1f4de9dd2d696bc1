"""``python -m worker.compute features``: one CSV row, and one sentence with exit status 2 for bad input."""

import csv

import numpy as np
import pytest
import SimpleITK as sitk

from tests.worker.compute.radiomics.whole_image import as_sitk, ball_mask, ct_volume, grid, pet_volume
from worker.compute.__main__ import main
from worker.compute.nifti import write_nifti
from worker.compute.radiomics.extraction import extract_features
from worker.compute.radiomics.recipe import standard_recipe
from worker.compute.types import Volume

GRID = grid((9, 14, 12), (2.0, 2.0, 3.0))


@pytest.fixture
def files(tmp_path):
    write_nifti(ct_volume(GRID), tmp_path / "ct.nii.gz")
    write_nifti(pet_volume(GRID), tmp_path / "pet.nii.gz")
    write_nifti(ball_mask(GRID, (4, 7, 6), (3, 4, 4)), tmp_path / "mask.nii.gz")
    write_nifti(Volume(array_zyx=np.zeros(GRID.shape_zyx, np.uint8), geometry=GRID), tmp_path / "0.nii")
    return tmp_path


def features(folder, image, mask, *options) -> int:
    return main(["features", str(folder / image), str(folder / mask), str(folder / "out.csv"), *options])


def rows(folder) -> list[dict[str, str]]:
    with (folder / "out.csv").open(newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize(("recipe", "count"), [("tumour", 1781), ("bat", 342)])
def test_one_row_with_the_recipes_features(files, recipe, count):
    assert features(files, "ct.nii.gz", "mask.nii.gz", "--recipe", recipe) == 0
    (row,) = rows(files)
    assert tuple(row) == standard_recipe(recipe).feature_names() and len(row) == count


def test_pet_has_bins_of_its_own_and_full_precision(files):
    assert features(files, "pet.nii.gz", "mask.nii.gz", "--recipe", "bat", "--modality", "pet") == 0
    (row,) = rows(files)
    mask = ball_mask(GRID, (4, 7, 6), (3, 4, 4))
    direct = extract_features(pet_volume(GRID), mask, standard_recipe("bat", "pet"))
    assert [float(value) for value in row.values()] == direct.values.tolist()


def test_nrrd_from_a_drawing_tool_is_read(files):
    sitk.WriteImage(as_sitk(ct_volume(GRID)), str(files / "ct.nrrd"))
    sitk.WriteImage(as_sitk(ball_mask(GRID, (4, 7, 6), (3, 4, 4))), str(files / "mask.nrrd"))
    assert features(files, "ct.nrrd", "mask.nrrd", "--recipe", "bat") == 0
    assert len(rows(files)[0]) == 342


@pytest.mark.parametrize(
    ("image", "mask", "sentence"),
    [
        ("absent.nii.gz", "mask.nii.gz", "is not a file"),
        ("absent.nrrd", "mask.nii.gz", "is not a file"),
        ("ct.nii.gz", "0.nii", "The mask is empty"),
        ("ct.nii.gz", "broken.nrrd", "is not a volume that can be read"),
        ("ct.nii.gz", "other.nii.gz", "lie on different grids"),
    ],
)
def test_bad_input_is_one_sentence_and_status_2(files, capsys, image, mask, sentence):
    (files / "broken.nrrd").write_text("NRRD0004\n")
    write_nifti(ball_mask(grid((9, 14, 12), (2.0, 2.0, 4.0)), (4, 7, 6), (3, 4, 4)), files / "other.nii.gz")
    assert features(files, image, mask, "--recipe", "bat") == 2
    error = capsys.readouterr().err
    assert sentence in error and len(error.strip().splitlines()) == 1
    assert not (files / "out.csv").exists()


def test_a_folder_that_is_not_there_is_said(files, capsys):
    arguments = ["features", *(str(files / n) for n in ("ct.nii.gz", "mask.nii.gz", "no/out.csv")), "--recipe", "bat"]
    assert main(arguments) == 2
    assert "in a folder that exists" in capsys.readouterr().err
