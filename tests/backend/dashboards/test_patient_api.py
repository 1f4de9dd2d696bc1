"""The API of patients, clinical records, eligibility, p53 reads and protocols; blinding holds here too."""

import pytest
from rest_framework.test import APIClient

from backend.annotations.models import Assignment
from backend.cohorts.models import ClinicalRecord, Enrolment, Role
from backend.cohorts.services import current_rules
from backend.pathology.models import IhcRead
from tests.factories.cases import make_case
from tests.factories.clinical import make_patient
from tests.factories.pathology import OVEREXPRESSED, make_read
from tests.factories.people import make_cohort, make_member, make_user

pytestmark = pytest.mark.django_db
BASE = "/api/v1/cohorts/study"


@pytest.fixture
def cohort():
    return make_cohort("study")


def client_of(cohort, *roles) -> APIClient:
    client = APIClient()
    client.force_authenticate(make_member(cohort, *roles))
    return client


def test_patients_are_listed_with_the_filters_of_the_board(cohort):
    make_patient(cohort, "PETRA-A")
    make_patient(cohort, "PETRA-B", treated_before_pet=True)
    client = client_of(cohort, Role.ANALYST)
    rows = client.get(f"{BASE}/patients/").json()["results"]
    assert [(row["pseudonym"], row["state"], row["cancer_type"]) for row in rows] == [
        ("PETRA-A", "included", "ovarian"),
        ("PETRA-B", "excluded", "ovarian"),
    ]
    assert client.get(f"{BASE}/patients/", {"state": "excluded"}).json()["count"] == 1


@pytest.mark.parametrize("count", [3, 30])
def test_the_list_costs_the_same_for_many_patients(cohort, count, django_assert_max_num_queries):
    for number in range(count):
        make_patient(cohort, f"PETRA-{number:04d}")
    client = client_of(cohort, Role.COORDINATOR)
    with django_assert_max_num_queries(8):
        assert client.get(f"{BASE}/patients/").json()["count"] == count


def test_a_patient_comes_with_record_and_criteria(cohort):
    make_patient(cohort, "PETRA-A", grade="poor")
    found = client_of(cohort, Role.COORDINATOR).get(f"{BASE}/patients/PETRA-A/").json()
    assert found["clinical"]["grade"] == "poor" and [row["code"] for row in found["criteria"]] == list("abcde")
    assert client_of(cohort, Role.COORDINATOR).get(f"{BASE}/patients/PETRA-X/").status_code == 404


def test_a_reader_gets_nothing_and_who_owes_a_reading_is_denied(cohort):
    patient = make_patient(cohort, "PETRA-A")
    make_read(patient, make_user())
    assert client_of(cohort, Role.READER).get(f"{BASE}/patients/").status_code == 403
    person = make_member(cohort, *Role.values)
    Assignment.objects.create(case=make_case(patient), reader=person)
    client = APIClient()
    client.force_authenticate(person)
    (row,) = client.get(f"{BASE}/patients/").json()["results"]
    assert row["is_blinded"] and row["cancer_type"] is None and row["state_reason"] is None
    assert client.get(f"{BASE}/patients/", {"missing": "bat"}).json()["count"] == 0
    for part in ("", "clinical/", "eligibility/", "ihc-reads/"):
        answer = client.get(f"{BASE}/patients/PETRA-A/{part}")
        assert answer.status_code == 403 and "reading" in answer.json()["message"], part


def test_clinical_records_are_added_never_changed(cohort):
    make_patient(cohort, "PETRA-A")
    client, url = client_of(cohort, Role.COORDINATOR), f"{BASE}/patients/PETRA-A/clinical/"
    created = client.post(url, {"treated_before_pet": True, "reason": "letter"}, format="json")
    assert created.status_code == 201 and created.json()["cancer_type"] == "ovarian"
    assert Enrolment.objects.get(patient__pseudonym="PETRA-A").state == "excluded"
    assert client.get(url).json()["count"] == 2
    assert client.post(url, {"treated_before_pet": True, "reason": "x"}, format="json").status_code == 409
    assert client.post(url, {"age_years": 400, "reason": "x"}, format="json").status_code == 400
    assert client.post(url, {"age_years": 40}, format="json").status_code == 400
    assert client.post(url, {"age_years": "40", "reason": "x"}).status_code == 415
    assert ClinicalRecord.objects.count() == 2
    assert client_of(cohort, Role.ANALYST).post(url, {"reason": "x"}, format="json").status_code == 403


def test_eligibility_is_overruled_and_lifted(cohort):
    make_patient(cohort, "PETRA-A")
    client, url = client_of(cohort, Role.COORDINATOR), f"{BASE}/patients/PETRA-A/eligibility/"
    assert client.post(url, {"state": "excluded", "reason": "moved"}, format="json").json()["is_override"]
    assert client.post(url, {"reason": "came back"}, format="json").json()["state"] == "included"
    assert client.post(url, {"reason": "again"}, format="json").status_code == 409
    assert client.post(url, {"state": "withdrawn", "reason": "x"}, format="json").status_code == 400
    assert client.get(url).json()["count"] == 3


def test_reads_are_signed_and_hidden_until_then(cohort):
    make_read(make_patient(cohort, "PETRA-A"), make_user())
    client, url = client_of(cohort, Role.PATHOLOGIST), f"{BASE}/patients/PETRA-A/ihc-reads/"
    assert client.get(url).json() == {
        "reads": [], "hidden_count": 1, "tp53_mutated": None, "percent_stained": None, "discordance": [],
    }  # fmt: skip
    assert client.post(url, {**OVEREXPRESSED, "percent_stained": 80}, format="json").status_code == 201
    found = client.get(url).json()
    assert len(found["reads"]) == 2 and found["tp53_mutated"] is True and found["percent_stained"] == 85.0
    null = {"percent_stained": 0, "pattern": "null"}
    assert client.post(url, null, format="json").status_code == 400
    assert client_of(cohort, Role.COORDINATOR).post(url, OVEREXPRESSED, format="json").status_code == 403
    assert IhcRead.objects.count() == 2


def test_a_protocol_is_versioned(cohort):
    client, url = client_of(cohort, Role.COORDINATOR), f"{BASE}/protocol/"
    rules = {**current_rules(cohort).to_json(), "readers_per_case": 2}
    assert client.post(url, {"rules": rules, "reason": "two sites"}, format="json").json()["number"] == 2
    assert current_rules(cohort).readers_per_case == 2
    assert client.post(url, {"rules": rules, "reason": "again"}, format="json").status_code == 409
    assert client.post(url, {"rules": {**rules, "folds": 1}, "reason": "x"}, format="json").status_code == 400
    assert client.post(url, {"rules": {"folds": 3}, "reason": "x"}, format="json").status_code == 400
    assert client.get(url).json()["results"][0]["rules"]["readers_per_case"] == 2
    reader = client_of(cohort, Role.READER)
    assert reader.get(url).status_code == 200 and reader.post(url, {}, format="json").status_code == 403
