"""The worker reads clinical tables, the web process describes and keeps them: both know the same fields."""

import re

import pytest

from backend.cohorts import figo, import_fields
from backend.cohorts.clinical_words import validate_figo_stage, validate_tnm_t
from backend.cohorts.models import ClinicalRecord
from worker.compute.clinical import dates, fields, grid
from worker.compute.clinical.stages import read_stage, read_tnm
from worker.compute.tables import MOLECULAR_STAGE


def test_names_words_units_and_order_are_the_same():
    assert [field.name for field in fields.FIELDS] == sorted(
        (field.name for field in import_fields.IMPORT_FIELDS), key=list(fields.BY_NAME).index
    )
    for theirs in import_fields.IMPORT_FIELDS:
        ours = fields.BY_NAME[theirs.name]
        if ours.kind == "choice":
            assert {value for value, _ in theirs.words} == set(ours.words), theirs.name
        if ours.kind == "number":
            assert set(theirs.units) == {ours.unit, *ours.units}, theirs.name
    assert import_fields.DATE_FORMATS == dates.FORMATS and import_fields.ENCODINGS == grid.ENCODINGS


def test_ranges_of_numbers_are_those_of_the_record():
    for column in ClinicalRecord._meta.fields:
        ours = fields.BY_NAME.get(column.name)
        if ours is not None and ours.kind == "number":
            low, high = (validator.limit_value for validator in column.validators[:2])
            assert (low, high) == (ours.minimum, ours.maximum), column.name


@pytest.mark.parametrize("stage", [*figo.ALL_STAGES, "IAmp53abn", "IICmp53abn", "IAmPOLEmut", "IIIC1r", "IIIC2p"])
def test_every_stage_of_every_edition_is_read_as_it_is_kept(stage):
    assert read_stage(stage) == stage
    validate_figo_stage(stage)
    assert bool(re.search(MOLECULAR_STAGE, stage)) == figo.contains_p53(stage)


def test_a_category_of_tnm_is_kept_as_it_is_read():
    for words, kept in (("pt1b2", "pT1b2"), ("1b", "T1b"), ("TX", "TX"), ("Tis", "Tis"), ("ypT0", "ypT0")):
        assert read_tnm("T", words) == kept
        validate_tnm_t(kept)
