"""NIfTI keeps values, places, unit and frame; what is no volume is refused in a sentence."""

import numpy as np
import pytest
import SimpleITK as sitk

from tests.worker.compute.test_geometry import OBLIQUE
from worker.compute.errors import UnreadableInput
from worker.compute.nifti import read_nifti, write_nifti
from worker.compute.types import Volume


def test_round_trip_of_an_oblique_volume(tmp_path):
    array_zyx = np.random.default_rng(1).normal(size=OBLIQUE.shape_zyx).astype(np.float32)
    array_zyx[0, 0, 0] = np.nan
    write_nifti(Volume(array_zyx=array_zyx, geometry=OBLIQUE, unit="SUVbw"), tmp_path / "v.nii.gz")
    again = read_nifti(tmp_path / "v.nii.gz")
    assert again.unit == "SUVbw" and again.geometry.frame_of_reference_uid == "1.2"
    assert again.geometry.same_grid(OBLIQUE)
    assert np.array_equal(again.array_zyx, array_zyx, equal_nan=True)


def test_header_is_right_anterior_superior_for_other_programs(tmp_path):
    import nibabel

    write_nifti(Volume(array_zyx=np.zeros(OBLIQUE.shape_zyx, np.int16), geometry=OBLIQUE), tmp_path / "v.nii.gz")
    assert np.allclose(nibabel.load(tmp_path / "v.nii.gz").affine[:3, 3], [7, -11, 100])


def test_booleans_become_bytes(tmp_path):
    write_nifti(
        Volume(array_zyx=np.ones(OBLIQUE.shape_zyx, bool), geometry=OBLIQUE, unit="label"), tmp_path / "m.nii.gz"
    )
    assert read_nifti(tmp_path / "m.nii.gz").array_zyx.dtype == np.uint8


def test_what_is_no_volume_is_refused(tmp_path):
    (tmp_path / "text.nii").write_text("not an image")
    write_nifti(
        Volume(array_zyx=np.zeros((60, 5, 4)) + np.random.default_rng(0).random((60, 5, 4)), geometry=_tall()),
        tmp_path / "a.nii",
    )
    (tmp_path / "short.nii").write_bytes((tmp_path / "a.nii").read_bytes()[:900])
    sitk.WriteImage(sitk.Image([4, 4, 4, 3], sitk.sitkInt16), tmp_path / "time.nii.gz")
    for name in ("absent.nii.gz", "text.nii", "short.nii", "time.nii.gz"):
        with pytest.raises(UnreadableInput) as refused:
            read_nifti(tmp_path / name)
        assert str(refused.value).count("\n") == 0 and "0x" not in str(refused.value)
    with pytest.raises(UnreadableInput, match="folder that exists"):
        write_nifti(read_nifti(tmp_path / "a.nii"), tmp_path / "nowhere" / "b.nii.gz")
    with pytest.raises(UnreadableInput, match="NIfTI name"):
        write_nifti(read_nifti(tmp_path / "a.nii"), tmp_path / "b.mha")


def test_a_volume_is_written_whole_or_not_at_all(tmp_path, monkeypatch):
    volume = Volume(array_zyx=np.zeros(OBLIQUE.shape_zyx, np.int16), geometry=OBLIQUE)
    write_nifti(volume, tmp_path / "v.nii.gz")
    before = (tmp_path / "v.nii.gz").read_bytes()

    def disk_full(image, path, **options):
        with open(path, "wb") as file:
            file.write(b"half")
        raise RuntimeError("no space")

    monkeypatch.setattr(sitk, "WriteImage", disk_full)
    with pytest.raises(UnreadableInput, match="no space"):
        write_nifti(volume, tmp_path / "v.nii.gz")
    assert [path.name for path in tmp_path.iterdir()] == ["v.nii.gz"]
    assert (tmp_path / "v.nii.gz").read_bytes() == before


def _tall():
    from worker.compute.types import Geometry

    return Geometry(size_xyz=(4, 5, 60), spacing_mm=(1, 1, 1), origin_lps_mm=(0, 0, 0))
