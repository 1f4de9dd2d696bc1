"""Table 1 by address: grouping, variables, files for a manuscript, and who does not see it."""

import io

import pytest
from docx import Document

from backend.audit.models import AuditRecord
from backend.cohorts.models import Role
from backend.dashboards.table_one_files import latex_text
from backend.experiments.models import ExperimentKind
from tests.factories.people import make_cohort, make_member
from tests.factories.results import make_experiment
from tests.factories.voxel_cases import make_assignment, make_voxel_case

pytestmark = pytest.mark.django_db
ADDRESS = "/cohorts/trial/table-1/"


def row(variable: str, level: str, cells: list[str], **first) -> dict:
    empty = {"test": "", "p": None, "reason": None, "difference": None, "between": []}
    return {"variable": variable, "level": level, "cells": cells, "n": [2, 2, 4], "missing": 1, **empty, **first}


@pytest.fixture
def cohort(db):
    cohort = make_cohort("trial")
    tested = {"test": "Mann-Whitney U", "p": 0.0123, "difference": 0.51234, "between": ["a_1", "=b"]}
    rows = [
        row("age_years", "median (IQR)", ["55", "60", "57"], **tested),
        row("grade", "poor", ["1 (50%)", "1 (50%)", "2 (50%)"], test="chi-square", p=0.5),
        row("grade", "well", ["1 (50%)", "1 (50%)", "2 (50%)"]),
        row("tp53", "TP53 mutated", ["2 (100%)", "0 (0%)", "2 (50%)"], test="Fisher exact", p=0.33),
    ]
    centres = {"groups": ["a_1", "=b", "all"], "sizes": [2, 2, 4], "rows": rows, "ungrouped": 3}
    make_experiment(cohort, ExperimentKind.SUMMARY, results={"table_one": {"centre": centres}, "flow": [], "n": 4})
    return cohort


def get(client, query: str = "", **kwargs):
    return client.get(f"{ADDRESS}?by=centre{query}", **kwargs)


def sign_in(client, cohort, *roles):
    person = make_member(cohort, *roles)
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return person


def test_the_address_chooses_grouping_and_variables_and_the_page_names_n_test_and_difference(client, cohort):
    sign_in(client, cohort, Role.ANALYST)
    page = get(client).content.decode()
    for words in ("a_1", "n = 4", "Mann-Whitney U", "0.012", "0.512", "3 included patients", "TP53 mutated"):
        assert words in page, words
    assert page.index("Well differentiated") < page.index("chi-square") < page.index("Poorly differentiated")
    assert "TP53 mutated" not in get(client, "&show=age_years").content.decode()
    assert "Nothing to group by yet" in client.get(f"{ADDRESS}?by=tp53").content.decode()
    assert "No patient is in a frozen dataset" in client.get(f"{ADDRESS}?by=dataset_side").content.decode()


def test_each_file_holds_the_chosen_cells_and_no_command(client, cohort):
    sign_in(client, cohort, Role.COORDINATOR)
    lines = b"".join(get(client, "&export=csv&show=age_years").streaming_content).decode().splitlines()
    assert lines[0] == "Variable,Level,a_1 (n = 2),'=b (n = 2),All (n = 4),With a value,Missing,SMD,Test,p"
    assert len(lines) == 2 and "0.512,Mann-Whitney U,0.012" in lines[1]
    html = get(client, "&export=html").content.decode()
    assert "<caption>Table 1. " in html and "<script" not in html and html.count("<tr>") == 5
    document = Document(io.BytesIO(get(client, "&export=docx").content))
    cells = [cell.text for cell in document.tables[0].rows[1].cells]
    assert cells[:3] == ["Age at PET/CT (years)", "median (IQR)", "55"] and "Shapiro" in document.paragraphs[-1].text
    latex = get(client, "&export=latex").content.decode()
    assert r"a\_1 (n = 2)" in latex and r"2 (100\%)" in latex and r"\begin{tabular}{llrrrrrrlr}" in latex
    assert get(client, "&export=exe").status_code == 400
    assert AuditRecord.objects.filter(action="experiment.export", after__table="table_one").exists()


def test_latex_obeys_nothing_of_a_cell():
    assert latex_text(r"\input{/etc/passwd} 50% & a_b") == (r"\textbackslash{}input\{/etc/passwd\} 50\% \& a\_b")


def test_who_reads_sees_neither_the_table_nor_a_file_of_it(client, cohort):
    person = sign_in(client, cohort, Role.COORDINATOR, Role.READER)
    assert get(client).status_code == 200
    make_assignment(make_voxel_case(cohort), person)
    for query in ("", "&export=csv", "&export=docx", "&show=tp53"):
        refused = get(client, query)
        assert refused.status_code == 403 and b"TP53 mutated" not in refused.content
