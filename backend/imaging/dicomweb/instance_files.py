"""What WADO-RS reads of one stored file: its header as DICOM JSON, and where its frames lie. All of it blocks."""

import math
from dataclasses import dataclass
from typing import Any, BinaryIO

from django.core.files.storage import default_storage
from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.encaps import get_frame
from pydicom.uid import UID, DeflatedExplicitVRLittleEndian, ExplicitVRBigEndian, ExplicitVRLittleEndian

from backend.core.errors import InvalidInput, NotFound

PIXEL_DATA = b"\xe0\x7f\x10\x00"
# PS3.18 Table 8.7.3-5: the media type of one compressed frame.
FRAME_MEDIA_TYPES = {
    "1.2.840.10008.1.2.5": "image/dicom-rle",
    **dict.fromkeys(("1.2.840.10008.1.2.4.50", "1.2.840.10008.1.2.4.51"), "image/jpeg"),
    **dict.fromkeys(("1.2.840.10008.1.2.4.57", "1.2.840.10008.1.2.4.70"), "image/jpeg"),
    **dict.fromkeys(("1.2.840.10008.1.2.4.80", "1.2.840.10008.1.2.4.81"), "image/jls"),
    **dict.fromkeys(("1.2.840.10008.1.2.4.90", "1.2.840.10008.1.2.4.91"), "image/jp2"),
    **dict.fromkeys((f"1.2.840.10008.1.2.4.{n}" for n in (201, 202, 203)), "image/jphc"),
}
OCTETS = "application/octet-stream"


@dataclass(frozen=True, kw_only=True)
class FrameLayout:
    """Where the frames of a file lie: ``start`` is the first byte of the pixel data's value."""

    transfer_syntax: str
    media_type: str
    frame_count: int
    frame_bytes: int
    start: int

    @property
    def is_compressed(self) -> bool:
        return self.media_type != OCTETS


def open_instance(key: str) -> Any:
    """The stored file; NotFound where it was erased."""
    try:
        return default_storage.open(key, "rb")
    except FileNotFoundError as error:
        raise NotFound("This instance is no longer kept: the patient's images were erased.") from error


def read_metadata(key: str) -> dict:
    """The header as DICOM JSON, without pixel data (the frames have an address of their own)."""
    with open_instance(key) as file:
        dataset = dcmread(file, stop_before_pixels=True)
    dataset.AvailableTransferSyntaxUID = dataset.file_meta.TransferSyntaxUID
    return dataset.to_json_dict(suppress_invalid_tags=True)


def read_transfer_syntax(key: str) -> str:
    with open_instance(key) as file:
        return str(dcmread(file, specific_tags=["SOPInstanceUID"], stop_before_pixels=True).file_meta.TransferSyntaxUID)


def read_frame_layout(file: BinaryIO) -> FrameLayout:
    """Parses the header of an open file. Raises InvalidInput for files whose pixels cannot be addressed."""
    header = dcmread(file, stop_before_pixels=True)
    syntax = UID(header.file_meta.TransferSyntaxUID)
    if syntax in (DeflatedExplicitVRLittleEndian, ExplicitVRBigEndian) or not _at_pixel_data(file, syntax):
        raise InvalidInput("The frames of this instance cannot be taken out: retrieve the whole instance.")
    return FrameLayout(
        # Native pixels are the same bytes in either little-endian syntax.
        transfer_syntax=str(syntax) if syntax.is_encapsulated else str(ExplicitVRLittleEndian),
        media_type=FRAME_MEDIA_TYPES.get(syntax, "application/x-unknown") if syntax.is_encapsulated else OCTETS,
        frame_count=int(header.get("NumberOfFrames") or 1),
        frame_bytes=_frame_bytes(header),
        start=file.tell(),
    )


def _at_pixel_data(file: BinaryIO, syntax: UID) -> bool:
    """Steps over the tag, VR and length on which the reader of headers stopped."""
    if file.read(4) != PIXEL_DATA:
        return False
    file.read(4 if syntax.is_implicit_VR else 8)
    return True


def _frame_bytes(header: Dataset) -> int:
    bits = math.prod((header.Rows, header.Columns, header.get("SamplesPerPixel", 1), header.BitsAllocated))
    return bits // 8


def read_compressed_frame(file: BinaryIO, layout: FrameLayout, index: int) -> bytes:
    """One frame (from 0) of encapsulated pixel data; only this frame is in memory."""
    file.seek(layout.start)
    return get_frame(file, index, number_of_frames=layout.frame_count)


def frame_numbers(text: str, frame_count: int) -> list[int]:
    """``1,3`` as indices from 0; InvalidInput for what is no list, NotFound for a frame that is not there."""
    parts = text.split(",")
    if not all(part.isascii() and part.isdigit() and len(part) < 7 for part in parts):
        raise InvalidInput("Frames are numbered from 1 and separated by commas.")
    numbers = [int(part) for part in parts]
    if not all(1 <= number <= frame_count for number in numbers):
        raise NotFound(f"The instance has frames 1 to {frame_count}.")
    return [number - 1 for number in numbers]
