"""Signing in: nobody signs up, guessing is stopped, single sign-on shows its button when it is configured."""

import pytest
from django.test import override_settings

from backend.config.settings.single_sign_on import oidc_origins, oidc_providers
from tests.factories.people import make_user

pytestmark = pytest.mark.django_db
OIDC = {
    "PETRA_OIDC_SERVER_URL": "https://login.hospital.example/realms/staff",
    "PETRA_OIDC_CLIENT_ID": "petra",
    "PETRA_OIDC_CLIENT_SECRET": "secret",
    "PETRA_OIDC_NAME": "St Elsewhere",
}


def sign_in(client, username="reader", password="a long enough phrase"):
    return client.post("/accounts/login/", {"login": username, "password": password})


def test_a_visitor_sees_the_sign_in_page_and_nothing_else(client):
    assert client.get("/").headers["Location"] == "/accounts/login/?next=/"
    page = client.get("/accounts/login/").content.decode()
    assert "Sign in" in page and "Sign up" not in page


def test_after_signing_in_one_is_where_one_wanted_to_go_and_never_on_another_site(client):
    make_user("reader")
    address = client.get("/profile/?a=1&next=https://elsewhere.example/").headers["Location"]
    assert "next=https" not in address
    form = {"login": "reader", "password": "a long enough phrase"}
    assert client.post(address, form).headers["Location"] == "/profile/?a=1&next=https://elsewhere.example/"
    client.logout()
    for elsewhere in ("https://elsewhere.example/", "//elsewhere.example/", "/\\\\elsewhere.example/"):
        answer = client.post("/accounts/login/", {**form, "next": elsewhere})
        assert answer.headers["Location"] == "/"
        client.logout()


def test_signing_in_leads_to_the_cohorts_and_is_audited(client):
    from backend.audit.models import AuditRecord

    make_user("reader")
    assert sign_in(client).headers["Location"] == "/"
    assert client.get("/").status_code == 200
    assert AuditRecord.objects.get().action == "account.sign_in"


def test_nobody_can_sign_up(client):
    assert "Nobody can sign up here" in client.get("/accounts/signup/").content.decode()
    client.post("/accounts/signup/", {"username": "x", "password1": "a long phrase!", "password2": "a long phrase!"})
    from backend.accounts.models import User

    assert not User.objects.exists()


@override_settings(AXES_ENABLED=True, AXES_FAILURE_LIMIT=3)
def test_guessing_locks_the_account_for_this_computer_even_with_the_right_password(client):
    make_user("reader")
    for _ in range(2):
        assert sign_in(client, password="wrong").status_code == 200
    locked = sign_in(client, password="wrong")
    assert locked.status_code == 429
    assert "Too many wrong passwords" in locked.content.decode()
    assert sign_in(client).status_code == 429


def test_single_sign_on_is_configured_by_the_environment(client):
    assert oidc_providers({}) == {}
    assert oidc_origins(OIDC) == ["https://login.hospital.example"]
    assert "Sign in with" not in client.get("/accounts/login/").content.decode()
    with override_settings(SOCIALACCOUNT_PROVIDERS=oidc_providers(OIDC)):
        page = client.get("/accounts/login/").content.decode()
    assert "Sign in with St Elsewhere" in page
    assert "/accounts/oidc/hospital/login/" in page
