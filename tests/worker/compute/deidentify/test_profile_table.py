"""Every attribute of PS3.15 Table E.1-1 that a dataset can carry meets the table's action or a named option."""

import json

import pytest
from pydicom import DataElement, Dataset, Sequence
from pydicom.config import IGNORE
from pydicom.datadict import dictionary_VR, keyword_for_tag
from pydicom.tag import Tag

from tests.reference_data import reference_path
from worker.compute.deidentify import Pseudonymiser, deidentify_dataset
from worker.compute.deidentify.rules import PATIENT_CHARACTERISTICS

PATIENT_ID = "HN-4711"
PLANTED_TEXT = "PHI-PLANTED"
PLANTED = {
    "DA": "20220304",
    "DT": "20220304101112.00",
    "TM": "101112",
    "UI": "1.2.3.4.5",
    "AS": "044Y",
    "DS": "47.25",
    "UR": "http://phi-planted.example",
    "PN": "PHI-PLANTED^X",
    "CS": "PHI_PLANTED",
    **dict.fromkeys(("OB", "OW", "UN"), b"PHI-PLANTED1"),
    **dict.fromkeys(("US", "SS", "UL", "SL", "UV", "IS"), 4711),
    **dict.fromkeys(("FD", "FL"), 47.25),
    "AT": 0x00100020,
}
# Put back on purpose by the de-identifier itself.
DECLARED = {Tag(name) for name in ("PatientID", "PatientName", "DeidentificationMethod", "PatientIdentityRemoved")}


def _table() -> list[dict]:
    rows = json.loads(reference_path("deid", "confidentiality_profile_attributes.json").read_text())
    known = [row for row in rows if row["id"].isalnum() and "x" not in row["id"].lower() and len(row["id"]) == 8]
    return [row | {"tag": Tag(int(row["id"], 16))} for row in known if keyword_for_tag(int(row["id"], 16))]


def _planted(tag) -> DataElement:
    vr = dictionary_VR(tag)
    if vr == "SQ":
        item = Dataset()
        item.PersonName, item.TextValue, item.CodeMeaning = "PHI-PLANTED^X", PLANTED_TEXT, PLANTED_TEXT
        return DataElement(tag, "SQ", Sequence([item]))
    return DataElement(tag, vr, PLANTED.get(vr, PLANTED_TEXT), validation_mode=IGNORE)


def _cleaned(tag) -> tuple[Dataset, Pseudonymiser]:
    dataset, pseudonymiser = Dataset(), Pseudonymiser("secret")
    dataset.PatientID = PATIENT_ID
    if tag != Tag("PatientID"):
        dataset[tag] = _planted(tag)
    return deidentify_dataset(dataset, pseudonymiser), pseudonymiser


def test_the_table_is_obeyed_for_every_attribute():
    rows = _table()
    problems = [problem for row in rows if (problem := _problem(row))]
    assert len(rows) > 550
    assert problems == []


def _problem(row: dict) -> str:
    """Empty where the row is obeyed, else what is wrong."""
    tag, action = row["tag"], row["basicProfile"]
    if tag in DECLARED:
        return ""
    clean, pseudonymiser = _cleaned(tag)
    before, after = _planted(tag), clean.get(tag)
    return _judge(row, before, after, pseudonymiser) and f"{row['name']} ({action}): {after}"


def _judge(row: dict, before: DataElement, after: DataElement | None, pseudonymiser: Pseudonymiser) -> bool:
    """Whether the outcome breaks the rule."""
    tag, action, vr = row["tag"], row["basicProfile"], before.VR
    if tag in PATIENT_CHARACTERISTICS:
        return row.get("rtnPatCharsOpt") != "K" or after is None or after.value != before.value
    if row.get("rtnLongModifDatesOpt") and vr in ("DA", "DT"):
        return after is None or after.value[:8] == before.value[:8] or after.value[8:] != before.value[8:]
    if row.get("rtnLongModifDatesOpt") and (vr == "TM" or row["name"] == "Timezone Offset From UTC"):
        return after is None or after.value != before.value
    if row.get("cleanDescOpt") and row["name"] in ("ROI Name", "ROI Observation Label"):
        return after is None
    if row["name"] == "Series Description":
        return after is not None and "PLANTED" in str(after.value)
    if action == "U":
        return after is None or after.value != pseudonymiser.uid(before.value)
    if action == "X":
        return after is not None
    if action == "D" and vr != "SQ":
        return after is None or not after.value or after.value == before.value
    return after is not None and ("PLANTED" in str(after) or (vr != "SQ" and after.value == before.value))


@pytest.mark.parametrize("keyword", ["PatientWeight", "PatientSize", "PatientSex", "PatientAge"])
def test_what_suv_needs_of_the_patient_is_kept(keyword):
    dataset = Dataset()
    dataset.PatientID = PATIENT_ID
    setattr(dataset, keyword, {"PatientSex": "F", "PatientAge": "055Y"}.get(keyword, 61.5))
    assert deidentify_dataset(dataset, Pseudonymiser("secret"))[keyword] == dataset[keyword]
