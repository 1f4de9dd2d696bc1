"""What is refused is said in a sentence with a way on, as a page or as JSON."""

import pytest

from backend.cohorts.models import Role
from tests.factories.people import make_cohort, make_member

pytestmark = pytest.mark.django_db


@pytest.fixture
def reader(client):
    person = make_member(make_cohort("trial", is_synthetic=True), Role.READER)
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return person


def test_a_missing_role_is_said(client, reader):
    answer = client.get("/cohorts/trial/jobs/")
    assert answer.status_code == 403
    assert "needs the role analyst or study coordinator" in answer.content.decode()


def test_unknown_cohorts_and_addresses_have_designed_pages(client, reader):
    for address in ("/cohorts/unknown/", "/no/such/page/"):
        answer = client.get(address)
        assert answer.status_code == 404 and "There is nothing here" in answer.content.decode()


def test_programs_get_json(client, reader):
    answer = client.get("/cohorts/trial/jobs/", headers={"Accept": "application/json"})
    assert "role" in answer.json()["message"]
    answer = client.get("/api/v1/cohorts/trial/jobs/")
    assert answer.status_code == 403 and "role" in answer.json()["message"]


def test_synthetic_cohorts_say_so_and_every_page_says_research_use_only(client, reader):
    page = client.get("/cohorts/trial/", follow=True).content.decode()
    assert "Synthetic data" in page and "research use only" in page


def test_a_reader_sees_no_entry_for_jobs(client, reader):
    assert "/cohorts/trial/jobs/" not in client.get("/cohorts/trial/", follow=True).content.decode()
