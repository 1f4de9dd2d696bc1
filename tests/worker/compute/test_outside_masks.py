"""Masks of another program: found by folder, de-identified, one label per region on the PET grid."""

from dataclasses import replace

import numpy as np
import pytest

from tests.phantoms.small_petct import small_geometry
from worker.compute.deidentify.pseudonyms import Pseudonymiser
from worker.compute.dicom import read_series
from worker.compute.errors import UnreadableInput
from worker.compute.outside_masks import labelmap_of_file, mask_files, role_of
from worker.compute.phantoms.cohort import CohortRequest, write_cohort
from worker.compute.types import Geometry

SECRET = "a secret of the test"


@pytest.fixture(scope="module")
def phantom(tmp_path_factory):
    folder = tmp_path_factory.mktemp("phantom")
    request = CohortRequest(patients=1, matrix=48, slices=40)
    write_cohort(request, folder, processes=1)
    return folder


def pet_geometry(phantom, hospital_number: str) -> Geometry:
    """The PET's grid with the frame of reference that an import gives it."""
    folders = {path.parent for path in (phantom / "dicom" / hospital_number).rglob("*") if path.is_file()}
    for folder in sorted(folders):
        series = read_series(folder)
        if series.modality == "PT":
            frame = Pseudonymiser(SECRET).uid(series.geometry.frame_of_reference_uid)
            return replace(series.geometry, frame_of_reference_uid=frame)
    raise AssertionError("the phantom has no PET")


@pytest.mark.parametrize("reader", [1, 2, 3])
def test_contours_and_segmentations_give_each_region_a_label_and_a_role(phantom, reader):
    hospital_number, path = next(iter(mask_files(phantom / "masks", f"reader_{reader}.*").items()))
    drawn, lesions = labelmap_of_file(path, pet_geometry(phantom, hospital_number), Pseudonymiser(SECRET))
    assert lesions[0]["role"] == "primary"
    assert set(np.unique(drawn.array_zyx)) == {0, *(lesion["label"] for lesion in lesions)}
    assert drawn.array_zyx.dtype == np.uint8


def test_the_truth_as_nifti_is_read_too(phantom):
    hospital_number, path = next(iter(mask_files(phantom / "masks", "truth_tumour.*").items()))
    drawn, _ = labelmap_of_file(path, pet_geometry(phantom, hospital_number), Pseudonymiser(SECRET))
    assert drawn.array_zyx.any()


def test_patterns_that_fit_several_files_or_none_are_refused(phantom):
    with pytest.raises(UnreadableInput, match="say which file"):
        mask_files(phantom / "masks", "*")
    with pytest.raises(UnreadableInput, match="No patient's folder"):
        mask_files(phantom / "masks", "reader_9.*")


def test_a_damaged_file_is_one_sentence(tmp_path):
    path = tmp_path / "mask.dcm"
    path.write_bytes(b"no DICOM")
    with pytest.raises(UnreadableInput, match="damaged or no DICOM"):
        labelmap_of_file(path, small_geometry(), Pseudonymiser(SECRET))


def test_names_tell_roles():
    names = ("GTV primary tumour", "GTV lymph nodes", "Metastases", "ROI 1")
    assert [role_of(name) for name in names] == ["primary", "node", "metastasis", "primary"]
