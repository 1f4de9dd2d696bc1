"""Remembered and copied elements give, byte for byte, what pydicom writes of elements treated one by one."""

import io
from pathlib import Path

import pydicom
import pytest
from pydicom.dataset import FileMetaDataset
from pydicom.uid import (
    CTImageStorage,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
)

from worker.compute.deidentify import Pseudonymiser, deidentify_dataset
from worker.compute.deidentify.dataset import UTF_8_CODECS
from worker.compute.deidentify.encoding import encoded_file

SYNTAXES = [ExplicitVRLittleEndian, ImplicitVRLittleEndian, ExplicitVRBigEndian, DeflatedExplicitVRLittleEndian]


def read_slice(number: int, syntax: str) -> pydicom.Dataset:
    """A slice as it comes from a file: raw elements, a nested sequence, text in Latin-1."""
    dataset = pydicom.Dataset()
    dataset.SpecificCharacterSet = "ISO_IR 100"
    dataset.SOPClassUID, dataset.SOPInstanceUID = CTImageStorage, f"1.2.3.{number}"
    dataset.StudyInstanceUID, dataset.SeriesInstanceUID, dataset.FrameOfReferenceUID = "1.2.4", "1.2.5", "1.2.6"
    dataset.PatientID, dataset.PatientName, dataset.StudyDate = "HN-1", "Müller^Jürgen", "20200301"
    dataset.Modality, dataset.SeriesDescription, dataset.KVP = "CT", "WB CT Müller", "120"
    dataset.ImagePositionPatient, dataset.InstanceNumber = [0, 0, number], number
    dataset.SmallestImagePixelValue, dataset.PixelRepresentation = 3, 0
    code = pydicom.Dataset()
    code.CodeValue, code.CodeMeaning, code.ReferencedSOPInstanceUID = "T-1", "Müller", f"1.2.9.{number}"
    dataset.AnatomicRegionSequence = [code]
    dataset.Rows = dataset.Columns = 2
    dataset.BitsAllocated, dataset.PixelData = 16, bytes(range(8))
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = syntax
    buffer = io.BytesIO()
    pydicom.dcmwrite(buffer, dataset, enforce_file_format=True)
    buffer.seek(0)
    return pydicom.dcmread(buffer)


def meta_of(clean: pydicom.Dataset, syntax: str) -> FileMetaDataset:
    meta = FileMetaDataset()
    meta.FileMetaInformationGroupLength, meta.FileMetaInformationVersion = 0, b"\x00\x01"
    meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID = clean.SOPClassUID, clean.SOPInstanceUID
    meta.TransferSyntaxUID, meta.ImplementationClassUID = syntax, "1.2.3"
    meta.ImplementationVersionName = "PETRA"
    return meta


def written_by_pydicom(clean: pydicom.Dataset, meta: FileMetaDataset) -> bytes:
    buffer = io.BytesIO()
    clean.file_meta, clean.preamble = meta, bytes(128)
    pydicom.dcmwrite(buffer, clean, enforce_file_format=False)
    return buffer.getvalue()


@pytest.mark.parametrize("syntax", SYNTAXES, ids=lambda syntax: syntax.name)
def test_a_file_is_what_pydicom_writes(syntax):
    pseudonymiser = Pseudonymiser("secret")
    for number in range(3):
        clean = deidentify_dataset(read_slice(number, syntax), pseudonymiser)
        meta = meta_of(clean, syntax)
        assert encoded_file(clean, meta, UTF_8_CODECS) == written_by_pydicom(clean, meta)


@pytest.mark.parametrize("syntax", SYNTAXES, ids=lambda syntax: syntax.name)
def test_a_remembered_element_is_what_a_first_look_gives(syntax):
    long_used = Pseudonymiser("secret")
    for number in range(4):
        repeated = deidentify_dataset(read_slice(number, syntax), long_used)
        fresh = deidentify_dataset(read_slice(number, syntax), Pseudonymiser("secret"))
        meta = meta_of(fresh, syntax)
        assert encoded_file(repeated, meta, UTF_8_CODECS) == encoded_file(fresh, meta, UTF_8_CODECS)


def test_nothing_is_remembered_across_patients_or_secrets():
    """The same bytes of a date or UID become something else for another patient, and under another secret."""
    one, other = read_slice(1, ExplicitVRLittleEndian), read_slice(1, ExplicitVRLittleEndian)
    other.PatientID = "HN-2"
    pseudonymiser = Pseudonymiser("secret")
    first, second = deidentify_dataset(one, pseudonymiser), deidentify_dataset(other, pseudonymiser)
    assert first.PatientID != second.PatientID and first.StudyDate != second.StudyDate
    elsewhere = deidentify_dataset(read_slice(1, ExplicitVRLittleEndian), Pseudonymiser("another"))
    assert elsewhere.SOPInstanceUID != first.SOPInstanceUID and elsewhere.StudyDate != first.StudyDate


def test_a_name_learnt_from_one_slice_is_struck_from_the_regions_of_another(tmp_path: Path):
    """What is scrubbed depends on the identifiers of the header, which belong to what is remembered."""
    pseudonymiser = Pseudonymiser("secret")

    def region_name(patient_name: str) -> str:
        dataset = read_slice(1, ExplicitVRLittleEndian)
        dataset.PatientName = patient_name
        dataset.SegmentLabel = "GTV Schmidt"
        buffer = io.BytesIO()
        pydicom.dcmwrite(buffer, dataset)
        buffer.seek(0)
        return deidentify_dataset(pydicom.dcmread(buffer), pseudonymiser).SegmentLabel

    assert region_name("Meier^Jo") == "GTV Schmidt"
    assert region_name("Schmidt^Jo") == "GTV REMOVED"
    assert region_name("Meier^Jo") == "GTV Schmidt"
