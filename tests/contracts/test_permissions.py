"""Every address of the platform, asked by every kind of person, about their own cohort and another one.

Every answer, whoever asks and whatever it is, must come under the strict policy as well (policy.py).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

import pytest
from django.conf import settings
from django.db import transaction
from django.test import Client
from django.urls import reverse

from backend.accounts.models import User
from backend.cohorts.models import Cohort
from backend.core.access import AccessRule, Audience
from tests.contracts.policy import check_policy
from tests.contracts.routes import Route, own_routes
from tests.factories.route_objects import RouteWorld

pytestmark = pytest.mark.django_db

OTHER_METHODS = ("HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE", "TRACE")
ROUTES = own_routes()
IN_COHORT = [route for route in ROUTES if (rule := route.rule()) and rule.audience is Audience.COHORT]


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker):
    """Made once for the whole table and rolled back after it; each request is rolled back by itself."""
    with django_db_blocker.unblock(), transaction.atomic():
        made = RouteWorld(sorted({keyword for route in ROUTES for keyword in route.keywords}))
        everybody = [made.outsider, made.administrator, *made.members.values(), *made.other_members.values()]
        sign_in_once(everybody)
        yield made
        transaction.set_rollback(True)


@dataclass(frozen=True)
class Answer:
    status: int
    method: str
    location: str = ""

    @property
    def got_through(self) -> bool:
        return (
            self.status < 500
            and self.status not in (401, 403, 404)
            and not self.location.startswith("/accounts/login/")
        )


def ask(route: Route, user: User | None, **values: object) -> Answer:
    """GET, or where the view takes no GET the first method that it allows; nothing of it is kept."""
    address = reverse(route.name, kwargs=values)
    answer = _send(address, user, "GET")
    if answer.status == 405:
        answer = _send(address, user, _other_method(address, user))
    return answer


def _send(address: str, user: User | None, method: str) -> Answer:
    with transaction.atomic():
        response = _client(user).generic(
            method,
            address,
            content_type="application/json" if method != "POST" else "application/x-www-form-urlencoded",
            # Nobody may make a method into another one.
            headers={"X-HTTP-Method-Override": "GET"},
        )
        transaction.set_rollback(True)
    check_policy(response, address)
    return Answer(response.status_code, method, response.headers.get("Location", ""))


def _other_method(address: str, user: User | None) -> str:
    with transaction.atomic():
        allowed = _client(user).get(address).headers["Allow"].split(", ")
        transaction.set_rollback(True)
    return next(method for method in ("POST", "PUT", "PATCH", "DELETE") if method in allowed)


def _client(user: User | None) -> Client:
    """A new browser of a person who signed in once, in the world's own transaction."""
    client = Client()
    if user is not None:
        client.cookies[settings.SESSION_COOKIE_NAME] = _session_of(user)
    return client


def sign_in_once(people: Iterable[User]) -> None:
    """Signs everybody in within the transaction of a world, where a session outlives the single request."""
    _session_of.cache_clear()
    for user in people:
        _session_of(user)


@cache
def _session_of(user: User) -> str:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client.cookies[settings.SESSION_COOKIE_NAME].value


def values_of(route: Route, world: RouteWorld, cohort: Cohort) -> dict:
    return {keyword: world.value(keyword, cohort) for keyword in route.keywords}


def may(rule: AccessRule, role: str) -> bool:
    return not rule.roles or role in rule.roles


def test_every_address_has_a_name_and_every_view_says_who_may_call_it():
    nameless = [route.address for route in ROUTES if not route.name]
    undeclared = [route.address for route in ROUTES if route.rule() is None]
    assert not nameless, f"give these addresses names: {nameless}"
    assert not undeclared, f"declare an AccessRule on the views of: {undeclared}"


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.name)
def test_nobody_gets_in_without_signing_in(route, world):
    answer = ask(route, None, **values_of(route, world, world.own))
    if route.rule().audience is Audience.PUBLIC:
        assert answer.got_through
    else:
        assert answer.status == 401 or answer.location.startswith("/accounts/login/"), answer


@pytest.mark.parametrize("route", IN_COHORT, ids=lambda route: route.name)
def test_outside_a_cohort_nobody_learns_that_it_exists(route, world):
    strangers = {"outsider": world.outsider, "administrator": world.administrator, **world.other_members}
    answers = {who: ask(route, user, **values_of(route, world, world.own)) for who, user in strangers.items()}
    assert {who: answer for who, answer in answers.items() if answer.status != 404} == {}
    address = reverse(route.name, kwargs=values_of(route, world, world.own))
    for method in OTHER_METHODS:
        status = _send(address, world.outsider, method).status
        assert status in (404, 405), (method, status)


@pytest.mark.parametrize("route", IN_COHORT, ids=lambda route: route.name)
def test_inside_a_cohort_the_role_decides(route, world):
    wrong, through = {}, 0
    for method in ("HEAD", "OPTIONS"):
        _send(reverse(route.name, kwargs=values_of(route, world, world.own)), world.members["coordinator"], method)
    for role, user in world.members.items():
        answer = ask(route, user, **values_of(route, world, world.own))
        rule = route.rule(answer.method)
        if may(rule, role):
            through += answer.got_through
            # A blinded view may deny a person whom the role would let in, but never everybody.
            if not answer.got_through and not (rule.blinded and answer.status in (403, 404)):
                wrong[role] = f"should be let in, but: {answer}"
        elif answer.status != 403:
            wrong[role] = f"has not the role, but: {answer}"
    assert not wrong, wrong
    assert through, "nobody is let in: give the view an object in tests/factories/route_objects.py that it can show"


@pytest.mark.parametrize(
    "route", [route for route in IN_COHORT if len(route.keywords) > 1], ids=lambda route: route.name
)
def test_the_object_of_another_cohort_is_not_found_under_ones_own(route, world):
    values = {**values_of(route, world, world.other), "slug": world.own.slug}
    if values == values_of(route, world, world.own):
        pytest.skip("the other keywords name no object of a cohort")
    allowed = {role: user for role, user in world.members.items() if may(route.rule(), role)}
    answers = {role: ask(route, user, **values) for role, user in allowed.items()}
    assert {role: answer for role, answer in answers.items() if answer.status not in (403, 404)} == {}


@pytest.mark.parametrize("route", [route for route in ROUTES if route not in IN_COHORT], ids=lambda route: route.name)
def test_outside_cohorts_the_audience_decides(route, world):
    values = values_of(route, world, world.own)
    for method in ("HEAD", "OPTIONS"):
        _send(reverse(route.name, kwargs=values), world.administrator, method)
    person, administrator = ask(route, world.outsider, **values), ask(route, world.administrator, **values)
    assert administrator.got_through, administrator
    if route.rule().audience is Audience.ADMINISTRATOR:
        assert person.status == 403, person
    else:
        assert person.got_through, person
