"""Tables as they come: encodings, delimiters, workbooks and what is no table; REDCap's exports, raw and with labels."""

import io
import zipfile
from datetime import date, datetime

import pytest
from openpyxl import Workbook

from worker.compute.clinical.grid import column_letter, guess_encoding, read_grid
from worker.compute.clinical.mapping import Mapping
from worker.compute.clinical.proposals import propose_mapping, settled
from worker.compute.clinical.table import check_clinical_table, read_clinical_table
from worker.compute.errors import ComputeError

SECRET, TODAY = "a secret of this cohort", date(2026, 1, 1)
RAW = b"""record_id,redcap_event_name,redcap_data_access_group,mrn,age,cancer_type,figo,figo_edition,hpv___16,hpv___18,pet_date,glucose_mg_dl,height,baseline_complete
1,baseline_arm_1,north,HN-1001,55,cervical,IIIC1,2018,1,0,2020-03-01,,1.62,2
1,followup_arm_1,north,,,,,,,,,99,,2
2,baseline_arm_1,south,HN-1002,61,ovarian,IC2,2014,0,0,2020-05-01,,1.70,2
"""  # noqa: E501
LABELS = """Record ID;Event Name;Age at PET/CT (years);Cancer;HPV (choice=HPV 16);HPV (choice=18);Date of PET/CT;Grade;Lymph node metastasis
HN-1;Baseline;55,5;Cervix;Checked;Unchecked;03/04/2020;G3;No
HN-2;Baseline;61;Ovary;Unchecked;Unchecked;25/12/2020;G1;Yes
"""  # noqa: E501


def rows_of(content: bytes):
    return read_clinical_table(content, SECRET, mapping=settled(propose_mapping(read_grid(content))), today=TODAY)


def workbook(*rows: list) -> bytes:
    book, out = Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(out)
    return out.getvalue()


def test_a_raw_redcap_export_is_read_as_it_is_and_its_events_are_joined():
    first, second = rows_of(RAW)
    assert first.clinical["hpv_genotypes"] == "16" and first.clinical["hpv_status"] == "positive"
    assert first.clinical["height_cm"] == 162 and first.centre == "north"
    assert first.clinical["glucose_mmol_l"] == pytest.approx(99 / 18.0156, rel=1e-4), "from the second event, in mg/dL"
    assert "hpv_status" not in second.clinical, "nothing ticked is not a negative test"


def test_a_redcap_export_with_labels_is_read_as_it_is():
    first, second = rows_of(LABELS.encode())
    assert (first.clinical["age_years"], first.clinical["cancer_type"]) == (55.5, "cervical")
    assert (first.clinical["grade"], first.clinical["lymph_node_metastasis"]) == ("poor", False)
    assert second.clinical["grade"] == "well" and second.clinical["lymph_node_metastasis"] is True


def test_events_that_disagree_are_a_problem_of_the_later_row():
    content = RAW.replace(b"1,followup_arm_1,north,,,", b"1,followup_arm_1,north,,56,")
    found = check_clinical_table(content, SECRET, mapping=settled(propose_mapping(read_grid(content))), today=TODAY)
    assert [(p.row, p.letter, p.field) for p in found.problems] == [(3, "E", "age_years")]
    assert "differs from row 2" in found.problems[0].reason


def test_what_cannot_be_known_is_asked():
    codes = RAW.replace(b"cervical", b"1").replace(b"ovarian", b"2")
    with pytest.raises(ComputeError, match="what the 2 codes of column F"):
        settled(propose_mapping(read_grid(codes)))
    ambiguous = b"mrn,pet_date\nHN-1,03/04/2020\nHN-2,05/06/2020\n"
    proposal = propose_mapping(read_grid(ambiguous))
    assert "DD/MM/YYYY, MM/DD/YYYY" in proposal.questions[0]
    with pytest.raises(ComputeError, match="Choose how the dates"):
        proposal.mapping.check()


def test_a_workbook_gives_numbers_dates_and_flags_and_names_a_formula_without_result():
    content = workbook(
        ["MRN", "Age", "Date of PET/CT", "Lymph node metastasis", "BMI"],
        [4711001, 55.5, datetime(2020, 3, 8), True, 23.5],
        [None] * 5,
        [4711002, 61, datetime(2020, 3, 9), False, "=64/1.65^2"],
    )
    found = check_clinical_table(content, SECRET, mapping=settled(propose_mapping(read_grid(content))), today=TODAY)
    (row,) = found.rows
    assert row.clinical["age_years"] == 55.5 and row.clinical["lymph_node_metastasis"] is True and row.row_number == 2
    assert [str(p) for p in found.problems] == [
        "row 4, column E “BMI” (bmi_kg_m2): holds an error of the spreadsheet or a formula without its result: correct "
        "it and save again"
    ]


def test_serial_numbers_of_a_spreadsheet_are_dates_and_a_lost_digit_is_refused():
    (row,) = rows_of(b"mrn,pet_date\nHN-1,43898\n")
    assert row.clinical["pet_date"].year in (2019, 2020)
    content = workbook(["MRN", "Age"], [12345678901234567890, 50])
    found = check_clinical_table(content, SECRET, mapping=settled(propose_mapping(read_grid(content))), today=TODAY)
    assert "was shortened by a spreadsheet" in found.problems[0].reason


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_encodings_keep_their_letters(encoding):
    content = "MRN;Zentrum\nHN-1;Göttingen\n".encode(encoding)
    grid = read_grid(content, encoding="cp1252" if encoding == "cp1252" else "")
    assert grid.lines[0][1] == ["HN-1", "Göttingen"] and grid.delimiter == ";"


def test_an_unknown_encoding_is_guessed_for_a_person_and_never_used_unseen():
    content = ("MRN;Zentrum\n" + "HN-1;Universitätsklinikum Göttingen für Frauen\n" * 40).encode("cp1252")
    assert guess_encoding(content) in ("cp1252", "cp1250", "mac_roman")
    with pytest.raises(ComputeError, match="choose its encoding"):
        read_grid(content)


def packed(name: str, content: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr(name, content)
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1old", "old Excel file"),
        (packed("mimetype", b"ods"), "no Excel workbook"),
        (b"PK\x03\x04broken", "damaged"),
        (packed("xl/workbook.xml", b" " * (401 * 1024**2)), "too large unpacked"),
        (b"a,b\n1,\x00\n", "zero bytes"),
        (b"a" + b",b" * 3_001, "more than 3,000 cells"),
    ],
)
def test_a_file_that_is_no_table_or_stretches_a_limit_is_refused_in_a_sentence(content, sentence):
    with pytest.raises(ComputeError, match=sentence):
        read_grid(content)


def test_columns_are_named_as_a_spreadsheet_names_them():
    assert [column_letter(place) for place in (0, 25, 26, 701, 702)] == ["A", "Z", "AA", "ZZ", "AAA"]


def test_the_word_null_is_a_pattern_where_patterns_are_and_unknown_elsewhere():
    content = b"mrn,p53_percent,p53_pattern,p53_control,age\nHN-1,0,null,1,NULL\n"
    (row,) = rows_of(content)
    assert row.ihc["pattern"] == "null" and "age_years" not in row.clinical


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"columns": [{"header": "Age", "field": "age_years"}]}, "hospital number"),
        ({"columns": [{"header": "A", "field": "hospital_number"}, {"header": "A", "field": "grade"}]}, "mapped once"),
        ({"columns": [{"header": "A", "field": "hospital_number"}, {"header": "B", "field": "shoe"}]}, "no field shoe"),
        ({"decimal": ";"}, "decimal mark"),
        ({"encoding": "klingon"}, "encoding"),
        ({"editions": {"ovarian": "1999"}}, "edition"),
        ({"surprise": 1}, "not known"),
        ({"columns": [{"header": "A", "field": "hospital_number"},
                      {"header": "B", "field": "grade", "codes": {"1": "superb"}}]}, "not accepted"),
        ({"columns": [{"header": "A", "field": "hospital_number"},
                      {"header": "B", "field": "age_years", "unit": "parsec"}]}, "parsec"),
    ],
)  # fmt: skip
def test_a_mapping_that_cannot_be_is_refused(change, sentence):
    whole = {"columns": [{"header": "MRN", "field": "hospital_number"}]}
    with pytest.raises(ComputeError, match=sentence):
        Mapping.from_json({**whole, **change})


def test_a_table_without_a_mapped_column_is_refused_by_the_mappings_own_name():
    mapping = Mapping.from_json({"columns": [{"header": "MRN", "field": "hospital_number"}]})
    with pytest.raises(ComputeError, match="has not the column MRN"):
        read_clinical_table(b"number,grade\nHN-1,poor\n", SECRET, mapping=mapping)
