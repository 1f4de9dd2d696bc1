"""The private attributes that SUV needs and that hold no identity; every other private attribute is removed.

DICOM PS3.15 Table E.3.10-1 lists Philips' two factors. GE's and Siemens' PET times are dates, shifted like any other.
"""

from pydicom import DataElement, Dataset

PHILIPS_CREATOR, PHILIPS_BLOCK = "Philips PET Private Group", (0x7053, 0x0010)
# (group, private creator, element within its block) -> VR
SAFE_PRIVATE: dict[tuple[int, str, int], str] = {
    (0x7053, PHILIPS_CREATOR, 0x00): "DS",  # SUV scale factor
    (0x7053, PHILIPS_CREATOR, 0x09): "DS",  # activity concentration scale factor
    (0x0009, "GEMS_PETD_01", 0x0D): "DT",  # PET scan date and time, GE's decay reference
    (0x0071, "SIEMENS MED PT", 0x22): "DT",  # decay correction date and time
}


def safe_private_elements(dataset: Dataset) -> list[DataElement]:
    """The safe private elements of one dataset level (not of its sequences), their creators in front of them."""
    kept: dict = {}
    for tag in sorted((tag for tag in dataset.keys() if _is_private_value(int(tag))), key=int):  # noqa: SIM118
        creator_tag = (tag.group, tag.element >> 8)
        creator = _creator_name(dataset, creator_tag)
        vr = SAFE_PRIVATE.get((tag.group, creator, tag.element & 0xFF))
        value = _text_value(dataset, tag) if vr else None
        if vr and value is not None and _is_well_formed(value, vr):
            kept[creator_tag] = DataElement(creator_tag, "LO", creator)
            kept[tag] = DataElement(tag, vr, value)
    return list(kept.values())


def _is_private_value(number: int) -> bool:
    """Odd group, and beyond the elements that reserve its blocks."""
    return bool(number >> 16 & 1) and number & 0xFFFF >= 0x1000


def _creator_name(dataset: Dataset, creator_tag: tuple[int, int]) -> str:
    """Who reserved the block; archives that drop creators leave Philips factors in block 10, where they belong."""
    if creator_tag in dataset:
        return _text_value(dataset, creator_tag) or ""
    return PHILIPS_CREATOR if creator_tag == PHILIPS_BLOCK else ""


def _text_value(dataset: Dataset, tag) -> str | None:
    """The value as text, also where the file says VR UN; None where it is not one text."""
    try:
        value = dataset[tag].value
        if isinstance(value, bytes):
            value = value.decode("ascii")
    except (UnicodeDecodeError, ValueError, NotImplementedError, TypeError):
        return None
    return str(value).strip(" \0")


def _is_well_formed(value: str, vr: str) -> bool:
    """Whether the value is a number (DS) or only digits, points and signs (DT): an identity cannot hide in it."""
    if vr == "DT":
        return bool(value) and set(value) <= set("0123456789.+-")
    try:
        float(value)
    except ValueError:
        return False
    return True
