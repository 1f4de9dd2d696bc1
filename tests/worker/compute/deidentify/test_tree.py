"""Folders: every file has an outcome, nothing planted is in a byte or a name of what is written, odd files survive."""

from pathlib import Path

import numpy as np
import pydicom
import pytest
from pydicom import Dataset, Sequence
from pydicom.data import get_testdata_file
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian, SecondaryCaptureImageStorage

from tests.reference_data import reference_path
from worker.compute.__main__ import main
from worker.compute.deidentify import Pseudonymiser, deidentify_tree
from worker.compute.dicom import read_series
from worker.compute.errors import UnreadableInput
from worker.compute.phantoms.identifiers import FakeIdentity, plant_identifiers
from worker.compute.suv import compute_suv_bw

SECRET = "a cohort's secret"


def _instance(number: int = 1, **values) -> Dataset:
    from datetime import date

    dataset = Dataset()
    plant_identifiers(dataset, FakeIdentity(hospital_number="PHI-HN-00042", birth_date=date(1961, 3, 5)))
    dataset.SOPClassUID, dataset.SOPInstanceUID = CTImageStorage, f"1.2.826.0.1.99.{number}"
    dataset.StudyInstanceUID, dataset.SeriesInstanceUID = "1.2.826.0.1.7", "1.2.826.0.1.8"
    dataset.Modality, dataset.StudyDate, dataset.AcquisitionDate = "CT", "20220304", "20220304"
    dataset.Rows, dataset.Columns, dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit = 4, 4, 16, 16, 15
    dataset.SamplesPerPixel, dataset.PhotometricInterpretation, dataset.PixelRepresentation = 1, "MONOCHROME2", 1
    dataset.PixelData = np.arange(16, dtype=np.int16).tobytes()
    dataset["PixelData"].VR = "OW"
    for keyword, value in values.items():
        setattr(dataset, keyword, value)
    return dataset


def _save(dataset: Dataset, path: Path) -> Path:
    meta = pydicom.dataset.FileMetaDataset()
    meta.TransferSyntaxUID, meta.SourceApplicationEntityTitle = ExplicitVRLittleEndian, "PHI-AE"
    meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID = dataset.SOPClassUID, dataset.SOPInstanceUID
    meta.PrivateInformationCreatorUID, meta.PrivateInformation = "1.2.3", b"PHI-META"
    path.parent.mkdir(parents=True, exist_ok=True)
    file = pydicom.dataset.FileDataset(str(path), dataset, preamble=b"PHI-PREAMBLE".ljust(128, b"\0"), file_meta=meta)
    file.save_as(path, enforce_file_format=False)
    return path


def test_no_planted_identifier_is_in_any_byte_or_name_of_the_output(tmp_path):
    nested = Dataset()
    nested.PersonName, nested.ContentSequence = "PHI-Deep^Name", Sequence([_instance()])
    dataset = _instance(ReferencedImageSequence=Sequence([nested]), ContentSequence=Sequence([nested]))
    _save(dataset, tmp_path / "in" / "PHI-Anna" / "PHI-1961.dcm")
    outcomes = deidentify_tree(tmp_path / "in", tmp_path / "out", SECRET)
    assert [outcome.status for outcome in outcomes] == ["stored"]
    for path in (tmp_path / "out").rglob("*"):
        assert "PHI" not in str(path.relative_to(tmp_path))
        if path.is_file():
            content = path.read_bytes()
            planted = (b"PHI", b"1.2.826.0.1.", b"19610305", b"20220304", "王".encode())
            assert not [text for text in planted if text in content]
    assert "PHI" not in repr(outcomes) and "1.2.826" not in repr(outcomes)


def test_pixels_are_untouched_and_the_outcome_names_the_new_uids(tmp_path):
    source = _instance()
    _save(source, tmp_path / "in" / "a.dcm")
    (outcome,) = deidentify_tree(tmp_path / "in", tmp_path / "out", SECRET)
    stored = pydicom.dcmread(tmp_path / "out" / outcome.output_path)
    assert stored.PixelData == source.PixelData
    assert (outcome.study_uid, outcome.series_uid, outcome.sop_uid) == (
        stored.StudyInstanceUID, stored.SeriesInstanceUID, stored.SOPInstanceUID,
    )  # fmt: skip
    assert outcome.pseudonym == stored.PatientID == Pseudonymiser(SECRET).pseudonym("PHI-HN-00042")
    assert outcome.acquisition_month == 3 and outcome.modality == "CT"


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"BurnedInAnnotation": "YES"}, "burned into its pixels"),
        ({"ImageType": ["DERIVED", "SECONDARY", "SCREEN SAVE"]}, "screen capture"),
        ({"SOPClassUID": SecondaryCaptureImageStorage}, "neither CT, PET or MR"),
        ({"PatientID": ""}, "no PatientID"),
        ({"SeriesInstanceUID": ""}, "lacks its study, series or instance UID"),
        ({"Rows": 512}, "pixel data ends early"),
    ],
)
def test_what_must_not_be_stored_is_refused_with_a_sentence(tmp_path, values, reason):
    _save(_instance(**values), tmp_path / "in" / "a.dcm")
    (outcome,) = deidentify_tree(tmp_path / "in", tmp_path / "out", SECRET)
    assert outcome.status == "refused" and reason in outcome.reason
    assert not list((tmp_path / "out").rglob("*.dcm"))


def test_other_files_are_ignored_and_copies_counted_once(tmp_path):
    folder = tmp_path / "in"
    _save(_instance(), folder / "1.dcm")
    _save(_instance(), folder / "2.dcm")
    _save(_instance(InstanceNumber=7), folder / "3.dcm")
    (folder / "notes.txt").write_text("PHI notes")
    (folder / "empty").touch()
    (folder / "link.dcm").symlink_to(folder / "1.dcm")
    dicomdir = Path(get_testdata_file("DICOMDIR", download=False))
    (folder / "DICOMDIR").write_bytes(dicomdir.read_bytes())
    outcomes = deidentify_tree(folder, tmp_path / "out", SECRET)
    assert [(outcome.file_number, outcome.status) for outcome in outcomes] == [
        (1, "stored"), (2, "ignored"), (3, "refused"), (4, "ignored"), (5, "ignored"), (6, "ignored"),
    ]  # fmt: skip
    assert "same UID differs" in outcomes[2].reason


def test_a_cut_off_file_is_refused_alone(tmp_path):
    whole = _save(_instance(1), tmp_path / "in" / "1.dcm")
    (tmp_path / "in" / "2.dcm").write_bytes(_save(_instance(2), whole.with_name("x")).read_bytes()[:-700])
    whole.with_name("x").unlink()
    outcomes = deidentify_tree(tmp_path / "in", tmp_path / "out", SECRET)
    assert [outcome.status for outcome in outcomes] == ["stored", "refused"]


def test_an_empty_folder_is_an_error(tmp_path):
    with pytest.raises(UnreadableInput, match="missing or empty"):
        deidentify_tree(tmp_path / "none", tmp_path / "out", SECRET)


def test_odd_files_survive_with_their_pixels(tmp_path):
    outcomes = deidentify_tree(reference_path("odd_dicom", "wg04_ct1"), tmp_path, SECRET)
    stored = [pydicom.dcmread(tmp_path / outcome.output_path) for outcome in outcomes if outcome.status == "stored"]
    assert stored and stored[0].PixelData
    assert {outcome.status for outcome in outcomes} <= {"stored", "refused", "ignored"}


def test_foreign_character_sets_survive(tmp_path):
    for path in sorted(reference_path("odd_dicom", "fodicom").glob("*.dcm")):
        dataset = pydicom.dcmread(path, force=True)
        if "PixelData" in dataset and "Rows" in dataset and dataset.get("PatientName"):
            dataset.SOPClassUID, dataset.PatientID = CTImageStorage, "HN-1"
            dataset.StudyInstanceUID = dataset.SeriesInstanceUID = dataset.SOPInstanceUID = "1.2.3"
            name = str(dataset.PatientName)
            dataset.save_as(tmp_path / "in.dcm", enforce_file_format=False)
            (tmp_path / path.stem).mkdir()
            (tmp_path / "in.dcm").rename(tmp_path / path.stem / "a.dcm")
            (outcome,) = deidentify_tree(tmp_path / path.stem, tmp_path / "out" / path.stem, SECRET)
            if outcome.status == "stored":
                content = (tmp_path / "out" / path.stem / outcome.output_path).read_bytes()
                assert name.encode("utf-8") not in content


def test_suv_of_a_real_series_is_the_same_after_deidentification(tmp_path):
    folder = reference_path("suv_dro")
    series = sorted({path.parent for path in folder.rglob("*.dcm") if "mask" not in str(path).lower()})
    checked = 0
    for number, source in enumerate(series):
        outcomes = deidentify_tree(source, tmp_path / str(number), SECRET)
        images = [outcome for outcome in outcomes if outcome.modality == "PT"]
        if len(images) < 3:
            continue
        before, _ = compute_suv_bw(read_series(source))
        after, _ = compute_suv_bw(read_series((tmp_path / str(number) / images[0].output_path).parent))
        np.testing.assert_array_equal(after.array_zyx, before.array_zyx)
        checked += 1
    assert checked


def test_the_command_writes_and_counts(tmp_path, capsys):
    _save(_instance(), tmp_path / "in" / "PHI-a.dcm")
    _save(_instance(2, BurnedInAnnotation="YES"), tmp_path / "in" / "PHI-b.dcm")
    assert main(["deidentify", str(tmp_path / "in"), str(tmp_path / "out"), "--secret", SECRET]) == 0
    printed = capsys.readouterr().out
    assert "1 stored, 1 refused, 0 ignored" in printed and "PHI" not in printed


def test_the_command_fails_where_nothing_could_be_stored(tmp_path, capsys):
    _save(_instance(PatientID=""), tmp_path / "in" / "a.dcm")
    assert main(["deidentify", str(tmp_path / "in"), str(tmp_path / "out"), "--secret", SECRET]) == 2
    assert "No file could be stored" in capsys.readouterr().err
