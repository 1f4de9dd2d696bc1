"""What an element became is remembered: the slices of a series repeat most of their header, byte for byte.

An element may be remembered because what becomes of it depends on nothing but its own bytes, how they are to be read,
and the patient whose memory it is (secret, shift, known identifiers). What does depend on other elements of the
dataset is never remembered: private elements, pixel data, and values whose VR another attribute decides.
"""

from collections.abc import Callable
from functools import cache

from pydicom import DataElement
from pydicom.datadict import dictionary_VR
from pydicom.dataelem import RawDataElement

from worker.compute.deidentify.encoding import encoded_element

# Longer values, such as contours, hardly ever repeat; a full memory begins anew.
LONGEST_REMEMBERED_BYTES = 4096
MOST_REMEMBERED = 20_000

Treatment = Callable[[], DataElement | None]


class ElementMemory:
    """For one patient: raw element → what is kept of it, encoded as it will be written (None: nothing)."""

    def __init__(self, codecs: list[str]) -> None:
        self._codecs = codecs
        self._known: dict[tuple, RawDataElement | None] = {}

    def recall(self, raw: RawDataElement, charset: str, treat: Treatment) -> DataElement | RawDataElement | None:
        """The remembered result, or that of ``treat``, which then is remembered where that is safe.

        ``charset`` names the text encoding of the dataset that holds the element.
        """
        value = raw.value
        if value is None or len(value) > LONGEST_REMEMBERED_BYTES or not _stands_alone(int(raw.tag)):
            return treat()
        key = (int(raw.tag), raw.VR, value, raw.is_implicit_VR, raw.is_little_endian, charset)
        if key in self._known:
            return self._known[key]
        element = treat()
        encoded = self._encode(element, raw) if element is not None else None
        if element is not None and encoded is None:
            return element
        if len(self._known) >= MOST_REMEMBERED:
            self._known.clear()
        self._known[key] = encoded
        return encoded

    def _encode(self, element: DataElement, source: RawDataElement) -> RawDataElement | None:
        """The element as bytes; None where it cannot be written, so that the writing of the dataset says so."""
        try:
            return encoded_element(element, self._codecs, source.is_implicit_VR, source.is_little_endian)
        except Exception:
            return None


@cache
def _stands_alone(tag: int) -> bool:
    """Public, not pixel data, and of one VR: a dictionary entry such as "US or SS" is settled by other elements."""
    return not (tag >> 16) % 2 and tag >> 16 != 0x7FE0 and " or " not in dictionary_VR(tag)
