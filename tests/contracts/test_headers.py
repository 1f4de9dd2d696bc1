"""Every answer, whoever asks and whatever it is, comes under the strict policy and is taken for what it says it is."""

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from backend.core.access import Audience
from tests.contracts.test_permissions import IN_COHORT, ROUTES, values_of, world  # noqa: F401

pytestmark = pytest.mark.django_db


def check(response, address: str) -> None:
    policy = response.headers.get("Content-Security-Policy", "")
    assert "default-src 'none'" in policy and "unsafe" not in policy, address
    assert response.headers["X-Content-Type-Options"] == "nosniff", address
    assert response.headers["X-Frame-Options"] == "DENY", address


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.name)
def test_every_address_answers_under_the_policy(route, world):  # noqa: F811
    address = reverse(route.name, kwargs=values_of(route, world, world.own))
    person = world.members["coordinator"] if route in IN_COHORT else world.administrator
    client = Client()
    check(client.get(address), address)
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    for method in ("get", "head", "options"):
        check(getattr(client, method)(address), address)


@pytest.mark.parametrize("route", IN_COHORT, ids=lambda route: route.name)
def test_no_method_tells_a_stranger_more_than_a_get(route, world):  # noqa: F811
    address = reverse(route.name, kwargs=values_of(route, world, world.own))
    client = Client(headers={"X-HTTP-Method-Override": "GET"})
    client.force_login(world.outsider, backend="django.contrib.auth.backends.ModelBackend")
    for method in ("head", "options", "post", "put", "patch", "delete", "trace"):
        status = getattr(client, method)(address).status_code
        assert status in (404, 405), (method, status)
    assert route.rule().audience is Audience.COHORT


def test_errors_and_cookies():
    client = Client(raise_request_exception=False)
    for address in ("/accounts/login/", "/no/such/page/", "/accounts/login/?next=https://elsewhere.example/"):
        check(client.get(address), address)
    assert not settings.DEBUG and settings.SESSION_COOKIE_HTTPONLY and settings.SESSION_COOKIE_SAMESITE == "Lax"
