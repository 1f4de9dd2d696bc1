"""What happens to each attribute: dicom-anonymizer's PS3.15 Table E.1-1, with the retained options laid over it."""

from collections.abc import Callable
from functools import cache

from dicomanonymizer import simpledicomanonymizer as library
from pydicom.datadict import dictionary_has_tag, dictionary_VR
from pydicom.tag import BaseTag, Tag

PROFILE_EDITION = "dicomfields_2026c"
LibraryAction = Callable[..., None]

# Retain Patient Characteristics (K in its column, but only what the study uses: SUV needs weight, size and sex).
PATIENT_CHARACTERISTICS = frozenset(
    Tag(keyword) for keyword in ("PatientSex", "PatientAge", "PatientSize", "PatientWeight")
)
# Retain Longitudinal Temporal Information names every date and time but these: they describe the person, not the scan.
DATES_OF_THE_PERSON = frozenset(Tag(keyword) for keyword in ("PatientBirthDate", "PatientBirthTime", "GPSTimeStamp"))
TIMEZONE = Tag("TimezoneOffsetFromUTC")
# The reader's names of regions (Clean Descriptors): scrubbed of every identifier that the header knows.
REGION_NAMES = frozenset(Tag(keyword) for keyword in ("ROIName", "ROIObservationLabel", "SegmentLabel"))
SERIES_DESCRIPTION = Tag("SeriesDescription")

DATE_VRS = frozenset({"DA", "DT"})
# Outside the table these can hold a name, an address or anything at all, and neither images nor SUV need them.
UNTABLED_VRS_REMOVED = frozenset({"PN", "AE", "LT", "ST", "UT", "UC", "UR", "UN", "OV"})
NUMERIC_VRS = frozenset({"US", "SS", "UL", "SL", "UV", "SV", "FL", "FD", "AT", "US or SS"})
NUMBER_CHARACTERS = b"0123456789+-.eE\\ \0"
BULK_VRS = frozenset({"OB", "OW", "OD", "OF", "OL"})
# Pixel data, and lookup tables of the image module; an ICC profile carries a free description.
BULK_GROUPS = frozenset({0x0028, 0x7FE0})
ICC_PROFILE = Tag("ICCProfile")
OVERLAY_GROUPS = range(0x6000, 0x6100)
CURVE_GROUPS = range(0x5000, 0x5100)
ICONS = frozenset({Tag("IconImageSequence")})
# References to other images (X/Z/U*): kept with their UIDs replaced, since contours and segmentations point by them.
IMAGE_REFERENCES = frozenset({Tag("ReferencedImageSequence"), Tag("SourceImageSequence")})


@cache
def profile_actions() -> dict[tuple[int, ...], LibraryAction]:
    """The library's action for each attribute of the Basic Application Level Confidentiality Profile."""
    return library.initialize_actions(PROFILE_EDITION)


def profile_action(tag: BaseTag) -> LibraryAction | None:
    """The library's action for one attribute; None where the table does not name it."""
    return profile_actions().get((tag.group, tag.element))


@cache
def is_dropped_unseen(number: int) -> bool:
    """Attributes that go without a look at their value: what the profile removes, overlays, icons, unknown ones."""
    tag = Tag(number)
    if tag.group in OVERLAY_GROUPS or tag.group in CURVE_GROUPS or tag in ICONS or tag == ICC_PROFILE:
        return True
    if tag.is_private or tag.element == 0 or not dictionary_has_tag(tag):
        return True
    return profile_action(tag) is library.delete and not is_treated_by_option(tag)


@cache
def is_treated_by_option(tag: BaseTag) -> bool:
    """Attributes that a retained option keeps in some form, whatever the table says."""
    if tag in PATIENT_CHARACTERISTICS or tag in REGION_NAMES or tag in (TIMEZONE, SERIES_DESCRIPTION):
        return True
    return dictionary_VR(tag) in DATE_VRS | {"TM"} and tag not in DATES_OF_THE_PERSON


def is_kept_unread(tag: BaseTag, vr: str | None, value: bytes | None) -> bool:
    """Numbers outside the table: nothing in them can name a person, so they pass as they are encoded.

    ``vr`` is None in implicit VR; numbers written as text (DS, IS) pass if there is nothing but numbers in them.
    """
    expected = _vr_outside_table(tag)
    if vr not in (None, expected) and not (expected == "US or SS" and vr in NUMERIC_VRS):
        return False
    return expected in NUMERIC_VRS or (expected in ("DS", "IS") and not (value or b"").strip(NUMBER_CHARACTERS))


@cache
def _vr_outside_table(tag: BaseTag) -> str:
    """The dictionary's VR; empty for an attribute that the profile or an option treats."""
    return "" if profile_action(tag) or is_treated_by_option(tag) else dictionary_VR(tag)


def is_dropped_by_vr(tag: BaseTag, vr: str) -> bool:
    """Attributes outside the table whose kind of value is not safe to keep."""
    return vr in UNTABLED_VRS_REMOVED or (vr in BULK_VRS and tag.group not in BULK_GROUPS)
