"""Administrators make and close accounts; a person sets the own password and API token."""

import re

import pytest
from rest_framework.authtoken.models import Token

from backend.accounts.models import User
from backend.audit.models import AuditRecord
from tests.factories.people import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(client):
    admin = make_user("admin", is_superuser=True)
    client.force_login(admin, backend="django.contrib.auth.backends.ModelBackend")
    return admin


def test_a_new_account_gets_a_link_that_sets_its_password_once(client, admin):
    page = client.post("/people/new/", {"username": "reader", "display_name": "Rita Reader"}).content.decode()
    link = re.search(r"http://testserver(/accounts/password/reset/key/[^<\s]+)", page)[1]
    client.logout()
    form = client.get(link, follow=True)
    password = {"password1": "sound of distant rain", "password2": "sound of distant rain"}
    client.post(form.request["PATH_INFO"], password)
    assert User.objects.get(username="reader").check_password("sound of distant rain")
    assert "used already" in client.get(link, follow=True).content.decode()


def test_a_taken_name_is_refused_in_a_sentence(client, admin):
    page = client.post("/people/new/", {"username": "ADMIN"}).content.decode()
    assert "There is already an account called ADMIN" in page


def test_closing_an_account_ends_its_token_and_is_audited(client, admin):
    person = make_user("leaver")
    Token.objects.create(user=person)
    client.post(f"/people/{person.pk}/active/", {"is_active": "false"})
    person.refresh_from_db()
    assert not person.is_active and not Token.objects.exists()
    assert AuditRecord.objects.filter(action="account.close", object_id=str(person.pk), actor=admin).exists()


def test_nobody_closes_their_own_account(client, admin):
    answer = client.post(f"/people/{admin.pk}/active/", {"is_active": "false"})
    assert answer.status_code == 409 and "cannot close your own account" in answer.content.decode()


def test_the_list_is_searched_and_costs_the_same_for_many(client, admin, django_assert_max_num_queries):
    for number in range(30):
        make_user(f"someone{number}")
    with django_assert_max_num_queries(6):
        page = client.get("/people/").content.decode()
    assert "1–31 of 31 accounts" in page
    assert "1–1 of 1 accounts" in client.get("/people/?search=someone7").content.decode()


def test_a_token_is_shown_once_and_opens_the_api(client):
    client.force_login(make_user("analyst"), backend="django.contrib.auth.backends.ModelBackend")
    key = re.search(r"data-api-token>(\w+)<", client.post("/profile/token/").content.decode())[1]
    assert key not in client.get("/profile/").content.decode()
    client.logout()
    assert client.get("/api/v1/", headers={"Authorization": f"Token {key}"}).status_code == 200
    client.force_login(User.objects.get(), backend="django.contrib.auth.backends.ModelBackend")
    client.post("/profile/token/revoke/")
    client.logout()
    assert client.get("/api/v1/", headers={"Authorization": f"Token {key}"}).status_code == 401
