"""The pages of a clinical table: mapping, cells to correct as a file, the reason, discarding, templates."""

import io
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from backend.audit.models import AuditRecord
from backend.cohorts.clinical_mappings import mapping_named, remember_mapping
from backend.cohorts.clinical_records import record_clinical
from backend.cohorts.clinical_tables import erase_left_behind, receive_table
from backend.cohorts.models import ClinicalRecord, ClinicalTable, Patient, Role
from backend.core.errors import NotFound
from tests.factories.clinical import make_patient
from tests.factories.people import make_cohort, make_member
from worker.tasks.import_clinical import import_clinical

pytestmark = pytest.mark.django_db
TABLE = b"MRN,Age,=Grade,Cancer\nHN-1001,55,G3,cervix\nHN-1002,x,G9,ovary\n"


@pytest.fixture
def cohort(db):
    return make_cohort("trial")


@pytest.fixture
def coordinator(client, cohort):
    person = make_member(cohort, Role.COORDINATOR)
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return person


def page(name: str, table: ClinicalTable) -> str:
    return reverse(f"cohorts:{name}", kwargs={"slug": table.cohort.slug, "table_id": table.pk})


def work(table: ClinicalTable) -> ClinicalTable:
    """Does what is queued for the table."""
    from backend.cohorts.clinical_tables import newest_job

    import_clinical(str(newest_job(table).pk))
    table.refresh_from_db()
    return table


def send(cohort, content: bytes, actor) -> ClinicalTable:
    return work(receive_table(cohort=cohort, chunks=[content], actor=actor))


def fields(**meanings: str) -> dict[str, str]:
    names = {"A": "hospital_number", "B": "age_years", "C": "grade", "D": "cancer_type", **meanings}
    chosen = {f"field_{'ABCD'.index(letter)}": name for letter, name in names.items()}
    return {**chosen, "unit_1": "years", "decimal": ".", "missing": "NA", "code_2_0": "poor", "code_2_1": "=",
            "code_3_0": "cervical", "code_3_1": "ovarian"}  # fmt: skip


def staged() -> list[Path]:
    return list((Path(settings.PETRA_DATA_DIR) / "staging" / "clinical").iterdir())


def test_a_table_goes_from_its_columns_to_its_cells_and_is_imported_with_a_reason(client, cohort, coordinator):
    table = send(cohort, TABLE, coordinator)
    shown = client.get(page("clinical_mapping", table)).content.decode()
    assert "=Grade" in shown and "HN-1001" not in shown and table.state == "read"
    assert client.post(page("clinical_mapping", table), {**fields(A=""), "remember": ""}).status_code == 200
    sent = client.post(page("clinical_mapping", table), {**fields(), "remember": "Ward"})
    assert sent.status_code == 302 and mapping_named(cohort, "Ward").updated_by == coordinator
    assert work(table).state == "refused" and table.problem_count == 2
    lines = b"".join(client.get(page("clinical_table", table) + "?export=csv").streaming_content).decode().splitlines()
    assert lines[1].startswith("3,B,Age,age_years,is not a number") and "3,C,'=Grade,grade" in lines[2]
    refused = client.post(page("clinical_table_import", table), {"reason": "because"})
    assert refused.status_code == 409 and not Patient.objects.exists()

    table = send(cohort, TABLE.replace(b"x,G9", b"61,G3"), coordinator)
    assert 'value="Ward" selected' in client.get(page("clinical_mapping", table)).content.decode()
    client.post(page("clinical_mapping", table), {**fields(), "code_3_0": "cervical"})
    assert work(table).state == "checked", table.message
    assert client.post(page("clinical_table_import", table), {"reason": " "}).status_code == 400
    client.post(page("clinical_table_import", table), {"reason": "first visit"})
    assert work(table).state == "imported" and ClinicalRecord.objects.count() == 2
    assert {record.reason for record in ClinicalRecord.objects.all()} == {"first visit"}

    again = send(cohort, TABLE.replace(b"x,G9", b"61,G3"), coordinator)
    client.post(page("clinical_mapping", again), fields())
    assert "Nothing differs from what is known" in work(again).message


def test_discarded_and_forgotten_tables_are_erased_and_say_so(client, cohort, coordinator):
    first, second = (send(cohort, TABLE, coordinator) for _ in range(2))
    assert len(staged()) == 4, "each table with what was read of it"
    client.post(page("clinical_table_discard", first))
    assert client.post(page("clinical_table_discard", first)).status_code == 409
    assert AuditRecord.objects.filter(action="clinical_table.discard").exists()
    ClinicalTable.objects.filter(pk=second.pk).update(changed_at=timezone.now() - timedelta(days=2))
    assert erase_left_behind() == 1 and staged() == []
    assert "Discarded" in client.get(page("clinical_table", second)).content.decode()
    assert client.get(page("clinical_mapping", second)).status_code == 302


def test_an_unreadable_table_says_why(client, cohort, coordinator):
    table = send(cohort, b"PK\x03\x04 not a workbook", coordinator)
    assert table.state == "unreadable" and "damaged" in client.get(page("clinical_table", table)).content.decode()


def test_a_mapping_is_replaced_under_its_name_and_forgotten(client, cohort, coordinator):
    first = remember_mapping(cohort=cohort, name="Ward", mapping={"columns": []}, actor=coordinator)
    second = remember_mapping(cohort=cohort, name=" Ward ", mapping={"columns": [], "decimal": ","}, actor=coordinator)
    assert first.pk == second.pk and AuditRecord.objects.get(before__mapping={"columns": []}).after["name"] == "Ward"
    client.post(reverse("cohorts:clinical_mapping_forget", kwargs={"slug": cohort.slug, "mapping_id": first.pk}))
    with pytest.raises(NotFound, match="none yet"):
        mapping_named(cohort, "Ward")


def test_the_templates_hold_every_column_and_explain_it(client, coordinator):
    csv = client.get("/cohorts/trial/clinical-import/template.csv").content
    book = load_workbook(io.BytesIO(client.get("/cohorts/trial/clinical-import/template.xlsx").content))
    names = [cell.value for cell in book["patients"][1]]
    assert csv.decode("utf-8-sig").strip().split(",") == names and names[0] == "hospital_number"
    assert [cell.value for cell in book["columns"]["A"]][1:] == names
    assert any("poor" in rule.formula1 for rule in book["patients"].data_validations.dataValidation)
    assert client.get("/cohorts/trial/clinical-import/template.exe").status_code == 404


def test_a_patients_page_shows_the_history_of_each_value(client, cohort, coordinator):
    patient = make_patient(cohort, figo_stage="III", figo_edition="2014")
    record_clinical(patient=patient, values={"figo_stage": "IIIC"}, source="form", actor=coordinator, reason="re-read")
    shown = client.get(f"/cohorts/trial/patients/{patient.pseudonym}/").content.decode()
    assert "2 entries" in shown and "III → <strong>IIIC</strong>" in shown and "re-read" in shown
