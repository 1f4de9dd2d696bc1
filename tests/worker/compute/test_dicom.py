"""Series on regular grids: order by position, odd gaps, refusals, and real files in every transfer syntax."""

import logging
import shutil

import numpy as np
import pytest

from tests.reference_data import reference_path
from tests.worker.compute.made_dicom import image, pet_image, save, save_all, structure_set
from worker.compute.dicom import group_series, read_series, read_volume
from worker.compute.dicom_files import files_below
from worker.compute.errors import GeometryMismatch, UnreadableInput


def test_slices_are_ordered_by_position_and_rescaled_each(tmp_path):
    slices = [image(z, value=int(z)) for z in (12, 0, 8, 4)]
    slices[1].RescaleSlope = 2
    slices[0].RescaleIntercept = -1
    volume = read_volume(save_all(slices, tmp_path))
    assert volume.unit == "HU"
    assert volume.geometry.spacing_mm == (2, 3, 4) and volume.geometry.origin_lps_mm == (-10, -20, 0)
    assert volume.array_zyx[:, 0, 0].tolist() == [-1024, 4 - 1024, 8 - 1024, 11]


def test_orientation_of_a_sagittal_series(tmp_path):
    slices = [image(0, value=n) for n in range(3)]
    for n, dataset in enumerate(slices):
        dataset.ImageOrientationPatient = [0, 1, 0, 0, 0, -1]
        dataset.ImagePositionPatient = [-5 * n, -20, 30]
    volume = read_volume(save_all(slices, tmp_path))
    assert volume.geometry.direction == (0, 0, -1, 1, 0, 0, 0, -1, 0)
    assert volume.geometry.spacing_mm == (2, 3, 5)
    assert volume.array_zyx[:, 0, 0].tolist() == [-1024, -1023, -1022]


def test_other_files_in_the_folder_do_no_harm(tmp_path):
    save_all([image(z) for z in (0, 4, 8)], tmp_path / "ct")
    (tmp_path / "notes.txt").write_text("not DICOM")
    save(structure_set({"a": []}), tmp_path / "rs.dcm")
    series = read_series(tmp_path)
    assert series.geometry.size_xyz == (8, 6, 3)
    assert any("notes.txt" in warning for warning in series.warnings) and any("RTSTRUCT" in w for w in series.warnings)


def test_two_series_are_named_and_one_can_be_chosen(tmp_path):
    save_all([image(z) for z in (0, 4, 8)], tmp_path / "a")
    save_all([pet_image(z) for z in (0, 4)], tmp_path / "b")
    with pytest.raises(UnreadableInput, match=r"CT .*with 3 files.*PT .*with 2 files"):
        read_series(tmp_path)
    assert read_series(tmp_path, "1.2.826.0.1.3680043.8.498.4").modality == "PT"


def test_a_localizer_of_the_series_is_left_out(tmp_path):
    scout = image(50)
    scout.ImageType, scout.ImageOrientationPatient = ["ORIGINAL", "PRIMARY", "LOCALIZER"], [0, 1, 0, 0, 0, -1]
    series = read_series(save_all([*(image(z) for z in (0, 4, 8)), scout], tmp_path))
    assert series.geometry.size_xyz[2] == 3 and "localizer" in series.warnings[0]


def test_small_unevenness_is_a_warning_with_the_largest_deviation(tmp_path):
    series = read_series(save_all([image(z) for z in (0, 4.1, 8, 12)], tmp_path))
    assert series.geometry.spacing_mm[2] == 4
    assert "0.10 mm" in series.warnings[0]


@pytest.mark.parametrize(
    ("positions", "sentence"),
    [
        ((0, 4, 8, 16, 20), "missing between 8.00 and 16.00"),
        ((0, 4, 12), "missing between 4.00 and 12.00"),
        ((0, 4, 4, 8), "Two different images lie at 4.00"),
        ((0, 4, 8, 12, 16, 21.6, 27.2, 32.8, 38.4), "unevenly spaced"),
    ],
)
def test_stacks_without_a_regular_grid_are_refused(tmp_path, positions, sentence):
    with pytest.raises(GeometryMismatch, match=sentence):
        read_series(save_all([image(z) for z in positions], tmp_path))


def test_an_image_sent_twice_is_used_once(tmp_path):
    slices = [image(z) for z in (0, 4, 8)]
    series = read_series(save_all([*slices, slices[1]], tmp_path))
    assert series.geometry.size_xyz[2] == 3 and "sent twice" in series.warnings[0]


def test_two_images_under_one_uid_are_refused(tmp_path):
    slices = [image(z) for z in (0, 4, 8)]
    other = image(4, value=7)
    other.SOPInstanceUID = slices[1].SOPInstanceUID
    with pytest.raises(UnreadableInput, match="one SOPInstanceUID but differ"):
        read_series(save_all([*slices, other], tmp_path))


def test_two_patients_under_one_series_uid_are_refused(tmp_path):
    slices = [image(z) for z in (0, 4, 8)]
    slices[1].PatientID = "another"
    with pytest.raises(UnreadableInput, match="holds 2 image stacks"):
        read_series(save_all(slices, tmp_path))


def test_a_sheared_stack_is_refused(tmp_path):
    slices = [image(z) for z in (0, 4, 8)]
    for n, dataset in enumerate(slices):
        dataset.ImagePositionPatient = [-10, -20 + n, 4 * n]
    with pytest.raises(GeometryMismatch, match="tilted gantry"):
        read_series(save_all(slices, tmp_path))


@pytest.mark.parametrize("name", ["ImagePositionPatient", "ImageOrientationPatient", "PixelSpacing", "RescaleSlope"])
def test_a_missing_attribute_is_named(tmp_path, name):
    slices = [image(z) for z in (0, 4)]
    for dataset in slices:
        delattr(dataset, name)
    with pytest.raises(UnreadableInput, match=name):
        read_series(save_all(slices, tmp_path))


def test_truncated_pixels_are_refused(tmp_path):
    broken = image(4)
    broken.PixelData = broken.PixelData[:40]
    with pytest.raises(UnreadableInput, match="cannot be read"):
        read_volume(save_all([image(0), broken], tmp_path))


def test_a_file_cut_off_is_refused(tmp_path):
    path = save(image(0), tmp_path / "a" / "1.dcm")
    path.write_bytes(path.read_bytes()[:-30])
    with pytest.raises(UnreadableInput):
        read_volume(tmp_path / "a")


def test_a_file_without_preamble_is_read(tmp_path):
    path = save(image(0), tmp_path / "1.dcm")
    path.write_bytes(path.read_bytes()[132:])
    assert read_volume(tmp_path).array_zyx[0, 0, 0] == -24


def test_colour_is_refused(tmp_path):
    colour = image(0)
    colour.SamplesPerPixel, colour.PhotometricInterpretation, colour.PlanarConfiguration = 3, "RGB", 0
    colour.PixelData = colour.PixelData * 3
    with pytest.raises(UnreadableInput, match="colour"):
        read_volume(save_all([colour], tmp_path))


def test_an_empty_folder_and_an_absent_one(tmp_path):
    with pytest.raises(UnreadableInput, match="no CT or PET"):
        read_series(tmp_path)
    with pytest.raises(UnreadableInput, match="not a folder"):
        read_series(tmp_path / "absent")


def test_group_series_gives_every_file_an_outcome(tmp_path):
    save_all([image(z) for z in (0, 4)], tmp_path / "ct")
    (tmp_path / "a.txt").write_text("x")
    cut = save(pet_image(0), tmp_path / "cut.dcm")
    cut.write_bytes(cut.read_bytes()[:400])
    index = group_series(files_below(tmp_path))
    assert len(index.outcomes) == 4
    assert "a.txt" in {outcome.path.name for outcome in index.unreadable}
    assert len([group for group in index.groups if group.modality == "CT"][0].paths) == 2


def test_real_pet_with_uneven_gaps():
    series = read_series(reference_path("petct", "STS_001", "PET", "image"))
    assert series.geometry.size_xyz == (128, 128, 267) and series.unit == "BQML"
    assert abs(series.geometry.spacing_mm[2] - 3.27) < 1e-3
    assert "3.19 to 3.29 mm" in series.warnings[0] and "0.04 mm" in series.warnings[0]


@pytest.mark.parametrize(("name", "largest"), [("RLE", 0), ("J2KR", 0), ("JLSL", 0), ("JPLL", 0), ("JLSN", 4)])
def test_transfer_syntaxes_decode_alike(tmp_path, name, largest):
    values = []
    for syntax in ("UNC", name):
        folder = tmp_path / syntax
        folder.mkdir()
        shutil.copy(reference_path("odd_dicom", "wg04_ct1", f"CT1_{syntax}.dcm"), folder)
        values.append(read_volume(folder).array_zyx.astype(int))
    assert np.abs(values[0] - values[1]).max() <= largest


@pytest.mark.parametrize(
    ("path", "error"),
    [
        ("fodicom/GH1308.dcm", GeometryMismatch),
        ("fodicom/GH1728.dcm", UnreadableInput),
        ("fodicom/OutOfBoundsOverlay.dcm", UnreadableInput),
        ("fodicom/Issue1097_FailToOpenDeflatedFileWithSQ.dcm", UnreadableInput),
        ("fodicom/chrGB2312.dcm", UnreadableInput),
        ("misc/emri_small.dcm", UnreadableInput),
        ("misc/emri_small_jpeg_2k_lossless_too_short.dcm", UnreadableInput),
    ],
)
def test_odd_files_are_refused_in_one_quiet_sentence(tmp_path, path, error, capfd, caplog):
    shutil.copy(reference_path("odd_dicom", *path.split("/")), tmp_path)
    with caplog.at_level(logging.ERROR), pytest.raises(error) as refused:
        read_volume(tmp_path)
    assert "\n" not in str(refused.value)
    assert capfd.readouterr().err == ""


def test_enhanced_ct_is_one_volume(tmp_path):
    shutil.copy(reference_path("odd_dicom", "misc", "eCT_Supplemental.dcm"), tmp_path)
    volume = read_volume(tmp_path)
    assert volume.geometry.size_xyz == (512, 512, 2) and volume.geometry.spacing_mm[2] == 10
    assert volume.array_zyx.min() == -1024


@pytest.mark.parametrize(
    ("sound", "damaged"),
    [(b"\x28\x00\x10\x00US\x02\x00", b"\x28\x00\x10\x00XX\x02\x00"), (b"\x20\x00\x0d\x00UI", b"\x20\x00\x0d\x00VI")],
)
def test_a_damaged_element_makes_one_file_unreadable(sound, damaged, tmp_path):
    first, *others = [save(image(z), tmp_path / f"{z}.dcm") for z in (0, 4, 8)]
    first.write_bytes(first.read_bytes().replace(sound, damaged))
    index = group_series([first, *others])
    assert [outcome.path for outcome in index.unreadable] == [first]
    assert "damaged DICOM file" in index.unreadable[0].sentence and len(index.groups) == 1
