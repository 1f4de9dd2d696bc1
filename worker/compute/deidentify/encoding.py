"""From clean elements to the bytes of a file: what is encoded already is copied, the rest is pydicom's to write."""

from functools import cache
from struct import pack

import pydicom
from pydicom import DataElement, Dataset
from pydicom.dataelem import RawDataElement
from pydicom.dataset import FileMetaDataset
from pydicom.filebase import DicomBytesIO
from pydicom.filewriter import EXPLICIT_VR_LENGTH_32, write_data_element

PREAMBLE = bytes(128)
UNDEFINED_LENGTH = 0xFFFFFFFF
LONGEST_SHORT_VALUE = 0xFFFF
# Groups below are file meta and commands, which pydicom refuses inside of a dataset.
LOWEST_GROUP = 0x0008


def encoded_element(element: DataElement, codecs: list[str], implicit_vr: bool, little_endian: bool) -> RawDataElement:
    """The element with its value as it is written to a file of this encoding. Raises what pydicom's writer raises."""
    buffer = _buffer(implicit_vr, little_endian)
    write_data_element(buffer, element, codecs)
    header = 12 if not implicit_vr and element.VR in EXPLICIT_VR_LENGTH_32 else 8
    value = buffer.getvalue()[header:]
    return RawDataElement(element.tag, element.VR, len(value), value, 0, implicit_vr, little_endian)


def encoded_file(clean: Dataset, meta: FileMetaDataset, codecs: list[str]) -> bytes:
    """A DICOM file (PS3.10 §7): the same bytes as ``pydicom.dcmwrite``. Raises what pydicom's writer raises."""
    implicit_vr, little_endian = clean.original_encoding
    tags = sorted(clean.keys(), key=int)
    syntax = meta.TransferSyntaxUID
    is_plain = not (syntax.is_private or syntax.is_deflated or syntax.is_compressed)
    if not is_plain or not little_endian or implicit_vr != syntax.is_implicit_VR or tags[0].group < LOWEST_GROUP:
        return _written_by_pydicom(clean, meta)
    buffer = _buffer(implicit_vr, little_endian)
    buffer.write(PREAMBLE + b"DICM" + _meta_bytes(meta))
    for tag in tags:
        element = clean.get_item(tag)
        header = _header(element, implicit_vr) if isinstance(element, RawDataElement) else None
        if header is None:
            write_data_element(buffer, element, codecs)
        else:
            buffer.write(header + element.value)
    return buffer.getvalue()


def _meta_bytes(meta: FileMetaDataset) -> bytes:
    """Group 2 as pydicom writes it; instances of a series differ in their own UID alone."""
    instance = meta.MediaStorageSOPInstanceUID.encode()
    padded = instance + b"\0" * (len(instance) % 2)
    key = (meta.MediaStorageSOPClassUID, meta.TransferSyntaxUID)
    before, after = _meta_around_instance(*key, meta.ImplementationClassUID, meta.ImplementationVersionName)
    own = pack("<HH2sH", 0x0002, 0x0003, b"UI", len(padded)) + padded
    length = len(before) + len(own) + len(after)
    return pack("<HH2sHL", 0x0002, 0x0000, b"UL", 4, length) + before + own + after


@cache
def _meta_around_instance(class_uid: str, syntax: str, implementation: str, version: str) -> tuple[bytes, bytes]:
    meta = FileMetaDataset()
    meta.FileMetaInformationVersion, meta.MediaStorageSOPClassUID = b"\x00\x01", class_uid
    before = _group_2(meta)
    meta.TransferSyntaxUID, meta.ImplementationClassUID = syntax, implementation
    meta.ImplementationVersionName = version
    return before, _group_2(meta).removeprefix(before)


def _group_2(meta: FileMetaDataset) -> bytes:
    buffer = _buffer(implicit_vr=False, little_endian=True)
    for element in meta:
        write_data_element(buffer, element)
    return buffer.getvalue()


def _header(raw: RawDataElement, implicit_vr: bool) -> bytes | None:
    """Tag, VR and length (PS3.5 §7.1), little endian; None where a value needs more than being copied."""
    if raw.value is None or raw.length == UNDEFINED_LENGTH or not raw.is_little_endian:
        return None
    group, element, length = raw.tag.group, raw.tag.element, len(raw.value)
    if implicit_vr:
        return pack("<HHL", group, element, length)
    if raw.VR is None or len(raw.VR) != 2:
        return None
    if raw.VR in EXPLICIT_VR_LENGTH_32:
        return pack("<HH2sHL", group, element, raw.VR.encode(), 0, length)
    return pack("<HH2sH", group, element, raw.VR.encode(), length) if length <= LONGEST_SHORT_VALUE else None


def _written_by_pydicom(clean: Dataset, meta: FileMetaDataset) -> bytes:
    buffer = DicomBytesIO()
    clean.file_meta, clean.preamble = meta, PREAMBLE
    pydicom.dcmwrite(buffer, clean, enforce_file_format=False)
    return buffer.getvalue()


def _buffer(implicit_vr: bool, little_endian: bool) -> DicomBytesIO:
    buffer = DicomBytesIO()
    buffer.is_implicit_VR, buffer.is_little_endian = implicit_vr, little_endian
    return buffer
