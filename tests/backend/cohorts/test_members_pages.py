"""Cohorts and their people on pages: only one's own, roles given and taken, the last coordinator stays."""

import pytest

from backend.audit.models import AuditRecord
from backend.cohorts.models import Cohort, Membership, Role
from tests.factories.people import make_cohort, make_member, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def coordinator(client):
    person = make_member(make_cohort("trial"), Role.COORDINATOR, username="clara")
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return person


def test_the_landing_page_lists_only_ones_own_cohorts(client, coordinator, django_assert_max_num_queries):
    make_cohort("elsewhere")
    for number in range(30):
        Membership.objects.create(cohort=make_cohort(f"more-{number}"), user=coordinator, role=Role.ANALYST)
    with django_assert_max_num_queries(6):
        page = client.get("/").content.decode()
    assert "1–31 of 31 cohorts" in page and "Elsewhere" not in page


def test_a_person_in_no_cohort_is_told_what_to_do(client):
    client.force_login(make_user(), backend="django.contrib.auth.backends.ModelBackend")
    assert "Ask the coordinator of a study" in client.get("/").content.decode()


def test_setting_up_a_cohort_makes_its_maker_coordinator(client, coordinator):
    answer = client.post("/cohorts/new/", {"name": "Uterus 2024", "slug": "uterus-2024"})
    assert answer.headers["Location"] == "/cohorts/uterus-2024/members/"
    assert Membership.objects.get(cohort__slug="uterus-2024").user == coordinator
    page = client.post("/cohorts/new/", {"name": "Again", "slug": "uterus-2024"}).content.decode()
    assert "already a cohort with the address uterus-2024" in page
    assert Cohort.objects.filter(slug="uterus-2024").count() == 1


def test_roles_are_given_and_taken_with_an_audit_record(client, coordinator):
    person = make_user("rita")
    client.post("/cohorts/trial/members/", {"username": "Rita", "role": "reader"})
    membership = Membership.objects.get(user=person, role=Role.READER)
    page = client.post("/cohorts/trial/members/", {"username": "rita", "role": "reader"}).content.decode()
    assert "already has this role" in page
    assert (
        "no open account"
        in client.post("/cohorts/trial/members/", {"username": "x", "role": "reader"}).content.decode()
    )
    client.post(f"/cohorts/trial/members/{membership.pk}/remove/")
    assert not Membership.objects.filter(user=person).exists()
    assert AuditRecord.objects.filter(action="membership.remove", actor=coordinator).exists()


def test_the_last_coordinator_stays(client, coordinator):
    membership = Membership.objects.get(user=coordinator)
    answer = client.post(f"/cohorts/trial/members/{membership.pk}/remove/")
    assert answer.status_code == 409 and "needs a coordinator" in answer.content.decode()


def test_the_api_gives_and_takes_roles(client, coordinator):
    make_user("rita")
    made = client.post("/api/v1/cohorts/trial/members/", {"username": "rita", "role": "reader"})
    assert made.status_code == 201 and made.json()["role"] == "reader"
    listed = client.get("/api/v1/cohorts/trial/members/?role=reader").json()
    assert [row["username"] for row in listed["results"]] == ["rita"]
    assert client.delete(f"/api/v1/cohorts/trial/members/{made.json()['id']}/").status_code == 204
    assert client.post("/api/v1/cohorts/", {"slug": "trial", "name": "Trial"}).status_code == 409
