"""Errors come under the strict policy too, and cookies are kept from scripts; test_permissions.py asks each address."""

from django.conf import settings
from django.test import Client

from tests.contracts.policy import check_policy


def test_errors_and_cookies(db):
    client = Client(raise_request_exception=False)
    for address in ("/accounts/login/", "/no/such/page/", "/accounts/login/?next=https://elsewhere.example/"):
        check_policy(client.get(address), address)
    assert not settings.DEBUG and settings.SESSION_COOKIE_HTTPONLY and settings.SESSION_COOKIE_SAMESITE == "Lax"
