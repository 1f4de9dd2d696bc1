"""Whatever goes wrong at the scientist's door is one sentence on standard error and status 2, and nothing else."""

import gzip
from pathlib import Path

import nibabel
import numpy as np
import pytest

from worker.compute.__main__ import main, sentence_of
from worker.compute.tables import read_table

TABLE = "patient_id,f,g,y\n" + "".join(f"P{i},{i % 7},{i % 5},{i % 2}\n" for i in range(30))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a sound image, mask and table, and damaged ones."""
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(0)
    image = rng.normal(size=(6, 6, 6)).astype(np.float32)
    mask = np.zeros((6, 6, 6), np.uint8)
    mask[1:5, 1:5, 1:5] = 1
    nibabel.save(nibabel.Nifti1Image(image, np.diag([2, 2, 2, 1.0])), "image.nii.gz")
    nibabel.save(nibabel.Nifti1Image(mask, np.diag([2, 2, 2, 1.0])), "mask.nii.gz")
    nibabel.save(nibabel.Nifti2Image(image, np.diag([2, 2, 2, 1.0])), "nifti_2.nii.gz")
    nibabel.save(nibabel.Nifti1Image(image, np.diag([2, 2, 2, 1.0]) + 9e3 * np.eye(4, k=3)), "elsewhere.nii.gz")
    affine = np.diag([2, 2, 2, 1.0])
    affine[0, 3] = np.nan
    nibabel.save(nibabel.Nifti1Image(image, affine), "nan_affine.nii.gz")
    Path("table.csv").write_text(TABLE)
    Path("ragged.csv").write_text("a,b,y\n1,2,0\n1,2,3,4,5\n")
    Path("damaged.csv.gz").write_bytes((whole := gzip.compress(TABLE.encode()))[:40] + bytes(20) + whole[60:])
    Path("not.zip").write_text(TABLE)
    Path("some_groups.csv").write_text("g,f,y\n" + "".join(f"{i or ''},{i % 7},{i % 2}\n" for i in range(30)))
    Path("a_file").write_text("")
    Path("a_folder.nii.gz").mkdir()
    return tmp_path


@pytest.mark.parametrize(
    "words",
    [
        "",
        "nonsense",
        "bat image.nii.gz",
        "consensus mask.nii.gz mask.nii.gz out.nii.gz --method mean",
        "features image.nii.gz mask.nii.gz out.csv",
        "features image.nii.gz mask.nii.gz a_folder.nii.gz --recipe bat",
        "resample image.nii.gz image.nii.gz nowhere/out.nii.gz",
        "resample image.nii.gz image.nii.gz a_folder.nii.gz",
        "resample nan_affine.nii.gz image.nii.gz out.nii.gz",
        "resample nifti_2.nii.gz image.nii.gz out.nii.gz",
        "resample elsewhere.nii.gz image.nii.gz out.nii.gz",
        "resample image.nii.gz mask.nii.gz image.nii.gz",
        "bat image.nii.gz image.nii.gz out.nii.gz --suv-threshold nan",
        "bat image.nii.gz mask.nii.gz mask.nii.gz",
        "bat image.nii.gz image.nii.gz out.nii.gz --hu-min 0 --hu-max -5",
        "bat image.nii.gz image.nii.gz out.nii.gz --min-component-ml nan",
        "bat image.nii.gz image.nii.gz out.nii.gz --lesions mask.nii.gz --lesion-margin-mm -1",
        "consensus mask.nii.gz image.nii.gz out.nii.gz",
        "agreement mask.nii.gz image.nii.gz out.json",
        "agreement mask.nii.gz mask.nii.gz image.nii.gz",
        "features image.nii.gz image.nii.gz out.csv --recipe bat",
        "volcano table.csv table.csv --target y",
        "agreement mask.nii.gz mask.nii.gz a_folder.nii.gz",
        "volcano table.csv a_folder.nii.gz --target y",
        "volcano table.csv a_file/out.csv --target y",
        "volcano ragged.csv out.csv --target y",
        "volcano damaged.csv.gz out.csv --target y",
        "volcano not.zip out.csv --target y",
        "cluster table.csv a_file",
        "cluster table.csv out --seed -1",
        "train table.csv a_file --target y",
        "train some_groups.csv out --target y --group g",
        "phantom a_file --patients 1",
        "phantom out --patients 1 --effect nan",
        "segment-train nowhere out --small",
        "deidentify . . --secret x",
        "deidentify . clean --secret x",
        "deidentify a_folder.nii.gz . --secret x",
    ],
)
def test_one_sentence_and_status_two(words: str, folder: Path, capfd: pytest.CaptureFixture) -> None:
    try:
        status = main(words.split())
    except SystemExit as exit_:  # argparse leaves this way
        status = exit_.code
    error = capfd.readouterr().err
    assert status == 2
    assert error.count("\n") == 1 and error.endswith(".\n") and "Traceback" not in error and "usage:" not in error


def test_what_a_command_reads_is_never_written_over(folder: Path) -> None:
    before = {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}
    for words in (
        "resample image.nii.gz mask.nii.gz image.nii.gz",
        "consensus mask.nii.gz image.nii.gz ./mask.nii.gz",
        "agreement mask.nii.gz mask.nii.gz image.nii.gz",
        "volcano table.csv table.csv --target y",
    ):
        assert main(words.split()) == 2
    assert {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()} == before


def test_ctrl_c_is_a_sentence_too(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture) -> None:
    def stopped(path: Path) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("worker.compute.nifti.read_nifti", stopped)
    assert main(["resample", "a.nii.gz", "b.nii.gz", "out.nii.gz"]) == 130
    assert capsys.readouterr().err == "The command was stopped before it was done.\n"


def test_an_output_that_was_only_tried_is_not_left_behind(folder: Path) -> None:
    assert main(["features", "image.nii.gz", "nan_affine.nii.gz", "out.csv", "--recipe", "bat"]) == 2
    assert not (folder / "out.csv").exists()


def test_an_unforeseen_failure_is_named_in_one_line() -> None:
    assert "ZeroDivisionError (by\tzero)".replace("\t", " ") in sentence_of(ZeroDivisionError("by\nzero"))
    assert "memory" in sentence_of(MemoryError())
    assert sentence_of(FileNotFoundError(2, "No such file", "x.csv")).startswith("x.csv: No such file")


def test_a_column_named_like_a_repeated_one_is_kept(tmp_path: Path) -> None:
    """R and pandas write ``energy.1`` for a second energy: such a table has no repeated column."""
    (tmp_path / "r.csv").write_text("\ufeffpatient_id,energy,energy.1,y\nA,1,2,0\nB,3,4,1\n", encoding="utf-8")
    table = read_table(tmp_path / "r.csv", target="y")
    assert table.ids == ("A", "B") and table.sources["radiomics"].names == ("energy", "energy.1")
