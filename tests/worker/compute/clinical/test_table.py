"""The clinical table: what is read, under which pseudonym and dates, and every way in which a cell can be wrong."""

import re
from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.factories.clinical_tables import TABLE_ROW, table
from worker.compute.clinical.fields import BY_NAME
from worker.compute.clinical.problems import TableRefused
from worker.compute.clinical.table import read_clinical_table
from worker.compute.deidentify.pseudonyms import Pseudonymiser
from worker.compute.errors import ComputeError

COLUMN_NAMES = tuple(BY_NAME)
SECRET = "a secret of this cohort"
TODAY = date(2026, 1, 1)


def read(content: bytes):
    return read_clinical_table(content, SECRET, today=TODAY)


def test_a_row_comes_back_under_its_pseudonym_with_shifted_dates_and_typed_values():
    (row,) = read(table())
    keys, number = Pseudonymiser(SECRET), "HN-4711-001"
    assert row.pseudonym == keys.pseudonym(number)
    assert row.clinical["pet_date"] == date(2020, 3, 8) + timedelta(days=keys.shift_days(number))
    assert row.clinical["biopsy_date"] - row.clinical["pet_date"] == timedelta(days=4)
    assert row.clinical["lymph_node_metastasis"] is True and row.clinical["treated_before_pet"] is False
    assert row.clinical["bmi_kg_m2"] == 23.5 and row.clinical["figo_stage"] == "III"
    assert row.ihc == {
        "percent_stained": 90.0,
        "intensity": "strong",
        "pattern": "overexpression",
        "internal_control_present": True,
    }
    assert row.centre == "north"
    assert "HN-4711" not in repr(row) and "2020-03" not in repr(row)


def test_the_table_of_the_factory_has_every_column():
    assert set(TABLE_ROW) == set(COLUMN_NAMES)


def test_empty_cells_and_missing_columns_are_left_out():
    (row,) = read(table({"figo_stage": "", "p53_percent_stained": ""}, columns=["hospital_number", "figo_stage"]))
    assert row.clinical == {} and row.ihc == {} and row.centre == ""


@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_other_delimiters_and_a_byte_order_mark_are_read(delimiter):
    text = table().decode().replace(",", delimiter)
    assert read(b"\xef\xbb\xbf" + text.encode()) == read(table())


def test_case_and_words_for_flags_do_not_matter():
    (row,) = read(table({"grade": "Poor", "biopsy_confirmed": "Yes", "figo_stage": "iii"}))
    assert (row.clinical["grade"], row.clinical["biopsy_confirmed"], row.clinical["figo_stage"]) == (
        "poor",
        True,
        "III",
    )


BROKEN_CELLS = [
    ("cancer_type", "breast"),
    ("age_years", "fifty"),
    ("age_years", "-1"),
    ("age_years", "55,5"),
    ("age_years", "nan"),
    ("bmi_kg_m2", "250"),
    ("height_cm", "1.65"),
    ("weight_kg", "inf"),
    ("figo_stage", "V"),
    ("lymph_node_metastasis", "2"),
    ("grade", "G3"),
    ("histotype", "x" * 81),
    ("histotype", "=HYPERLINK(1)"),
    ("histotype", "serous HN-4711-002"),
    ("hpv_status", "16"),
    ("p53_percent_stained", "101"),
    ("p53_percent_stained", ""),
    ("p53_intensity", "3+"),
    ("p53_pattern", "mutant"),
    ("p53_internal_control", "maybe"),
    ("first_admission_date", "01/03/2020"),
    ("pet_date", "2020-02-30"),
    ("biopsy_date", "2031-01-01"),
    ("biopsy_date", "1890-01-01"),
    ("glucose_mmol_l", "95"),
    ("hospital_number", ""),
    ("hospital_number", "4.7E+10"),
    ("hospital_number", "HN-4711-001"),
]


@pytest.mark.parametrize(("column", "cell"), BROKEN_CELLS)
def test_a_broken_cell_refuses_the_whole_table_and_is_named_without_its_value(column, cell):
    with pytest.raises(TableRefused) as refused:
        read(table({}, {column: cell}))
    assert f"row 3, column {column}: " in str(refused.value)
    assert "HN-4711" not in str(refused.value) and (len(cell) < 4 or cell not in str(refused.value))


def test_a_null_pattern_needs_its_internal_control():
    null = {"p53_percent_stained": "0", "p53_pattern": "null", "p53_intensity": "none"}
    with pytest.raises(TableRefused, match="row 2, column p53_internal_control"):
        read(table({**null, "p53_internal_control": "0"}))
    assert read(table(null))[0].ihc["pattern"] == "null"


def test_at_most_twenty_problems_are_listed_and_the_rest_is_counted():
    with pytest.raises(TableRefused, match="; and 5 more") as refused:
        read(table(*[{"grade": "G3"}] * 25))
    assert str(refused.value).count("column grade") == 20 and len(refused.value.problems) == 25


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "empty"),
        (b"\xfc\xe4", "UTF-8"),
        (b"HN-4711-001,ovarian\n", "no column hospital_number"),
        (b"hospital_number,HN-4711-001\nA123,1\n", "header of column 2"),
        (b"hospital_number,grade,grade\nA123,poor,poor\n", "twice"),
        (b"hospital_number,grade\n", "no patient"),
        (b'hospital_number,grade\nA123,"poor\n', "quote"),
    ],
)
def test_a_file_that_is_no_such_table_is_refused_in_a_sentence(content, sentence):
    with pytest.raises(ComputeError, match=sentence) as refused:
        read(content)
    assert "HN-4711" not in str(refused.value)


def test_a_row_with_too_few_cells_is_named():
    with pytest.raises(TableRefused, match="row 3, column hospital_number: the row has 1 cells"):
        read(b"hospital_number,grade\nA123,poor\nB123\n")


def test_the_guide_lists_the_columns_in_their_order():
    guide = (Path(__file__).parents[4] / "docs" / "clinical-table.md").read_text()
    assert tuple(re.findall(r"^\| `(\w+)` \|", guide, re.MULTILINE)) == COLUMN_NAMES
