"""A coordinator sends a table with over twenty kinds of mistakes, sees each of them named, and then the right one."""

import pytest

from backend.cohorts.models import ClinicalMapping, ClinicalRecord, Patient, Role
from tests.e2e.conftest import sign_in
from tests.factories.people import make_cohort, make_member

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]

# As a hospital's spreadsheet saves it: its own headers, semicolons, decimal commas, days first.
GOOD = {
    "Patient ID": "HN-20{:02d}", "Cancer": "Ovary", "Age": "55", "Height (cm)": "165", "Weight (kg)": "64,5",
    "BMI": "23,7", "FIGO stage": "IIIC", "FIGO edition": "2014", "Lymph node metastasis": "yes", "Grade": "G3",
    "Histology": "HGSC", "HPV": "not tested", "p53 percent": "90", "p53 intensity": "3+",
    "p53 pattern": "overexpressed", "p53 internal control": "1", "Date of first admission": "14/03/2020",
    "Date of PET/CT": "18/03/2020", "Date of biopsy": "22/03/2020", "Glucose (mmol/L)": "5,4", "Centre": "north",
    "Nurse's note": "called Jane back",
}  # fmt: skip
HEADERS = list(GOOD)
# What is wrong in each row, and the letter of the column in which it must be named.
MISTAKES = [
    ({"Cancer": "breast"}, "B"),
    ({"Age": "fifty"}, "C"),
    ({"Age": "130"}, "C"),
    ({"Height (cm)": "1,65"}, "D"),
    ({"Weight (kg)": "inf"}, "E"),
    ({"BMI": "240"}, "F"),
    ({"BMI": "33,7"}, "F"),
    ({"FIGO stage": "V"}, "G"),
    ({"FIGO stage": "IC3", "FIGO edition": "2018"}, "G"),
    ({"FIGO stage": "IIIC2"}, "G"),
    ({"FIGO edition": "1994"}, "H"),
    ({"Lymph node metastasis": "2"}, "I"),
    ({"Grade": "G7"}, "J"),
    ({"Histology": "=HYPERLINK(1)"}, "K"),
    ({"HPV": "16"}, "L"),
    ({"p53 percent": "101"}, "M"),
    ({"p53 percent": ""}, "M"),
    ({"p53 pattern": "mutant"}, "O"),
    ({"p53 percent": "0", "p53 pattern": "null", "p53 internal control": "0"}, "P"),
    ({"Date of PET/CT": "31/02/2020"}, "R"),
    ({"Date of PET/CT": "2020-03-18"}, "R"),
    ({"Date of biopsy": "22/03/2999"}, "S"),
    ({"Glucose (mmol/L)": "95"}, "T"),
    ({"Patient ID": "HN-2001"}, "A"),
    ({"Patient ID": ""}, "A"),
    ({"Patient ID": "4,7E+10"}, "A"),
    ({"Centre": "north HN-2001"}, "U"),
]


def lines(changes: list[dict]) -> list[str]:
    rows = [{**GOOD, "Patient ID": GOOD["Patient ID"].format(n), **change} for n, change in enumerate(changes, start=1)]
    return [";".join(HEADERS), *(";".join(row[name] for name in HEADERS) for row in rows)]


def send(page, name: str, content: str) -> None:
    page.goto("/cohorts/tables/clinical-import/")
    page.locator("input[type=file]").set_input_files(
        {"name": name, "mimeType": "text/csv", "buffer": content.encode("utf-8-sig")}
    )
    page.get_by_role("button", name="Send the table").click()
    page.get_by_role("link", name="Say what the columns mean").click(timeout=60_000)


def test_every_mistake_is_named_and_nothing_imported_until_the_table_is_right(browser_page, celery_worker_process):
    make_member(make_cohort("tables"), Role.COORDINATOR, username="clara")
    sign_in(browser_page, "clara")
    broken = [*lines([{}, *(change for change, _ in MISTAKES)]), "HN-2099;Ovary"]
    send(browser_page, "Jane Doe.csv", "\n".join(broken))
    # The columns are recognised; the nurse's note is not read.
    assert browser_page.get_by_label("Meaning of column R").input_value() == "pet_date"
    assert browser_page.get_by_label("Dates of column R").input_value() == "DD/MM/YYYY"
    assert browser_page.get_by_label("Meaning of column V").input_value() == ""
    # Turning a meaning shows what it needs, and turning it back forgets nothing of the others.
    browser_page.get_by_label("Meaning of column V").select_option("weight_kg")
    browser_page.get_by_label("Unit of column V").wait_for()
    browser_page.get_by_label("Meaning of column V").select_option("")
    browser_page.get_by_label("Unit of column V").wait_for(state="detached")
    browser_page.get_by_label("Remember this mapping as").fill("Hospital export")
    browser_page.get_by_role("button", name="Check every cell").click()
    browser_page.get_by_role("heading", name="Cells to correct").wait_for(timeout=60_000)
    cells = browser_page.locator("#problems tbody tr").all()
    named = {tuple(cell.locator("td").all_inner_texts()[:2]) for cell in cells}
    expected = {(str(row), letter) for row, (_, letter) in enumerate(MISTAKES, start=3)}
    assert named >= expected, sorted(expected - named)
    assert named - expected == {(str(len(broken)), "A")}, "the row that was cut off, and no other"
    shown = browser_page.content()
    assert "Jane" not in shown and "HYPERLINK" not in shown and "fifty" not in shown
    assert browser_page.get_by_role("button", name="Import").count() == 0
    assert Patient.objects.count() == 0 and ClinicalRecord.objects.count() == 0

    corrected = lines([{} for _ in range(len(MISTAKES) + 1)])
    send(browser_page, "corrected.csv", "\n".join(corrected))
    assert browser_page.get_by_label("Start from").input_value() == "Hospital export"
    browser_page.get_by_role("button", name="Check every cell").click()
    button = browser_page.get_by_role("button", name=f"Import {len(MISTAKES) + 1} rows")
    button.wait_for(timeout=60_000)
    browser_page.get_by_label("Reason, kept with every value").fill("Baseline of the study")
    button.click()
    browser_page.get_by_text(f"{len(MISTAKES) + 1} rows imported").wait_for(timeout=60_000)
    assert Patient.objects.count() == len(MISTAKES) + 1
    record = ClinicalRecord.objects.first()
    assert (record.figo_stage, record.grade, record.weight_kg) == ("IIIC", "poor", 64.5)
    assert record.reason == "Baseline of the study" and record.recorded_by.username == "clara"
    assert ClinicalMapping.objects.get().name == "Hospital export"
