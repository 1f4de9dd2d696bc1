"""The side navigation shows what a role may open, and nothing whose page does not exist."""

import pytest
from django.template import Context, Template
from django.test import RequestFactory

from backend.cohorts.models import Role
from backend.core.navigation import address, cohort_links

pytestmark = pytest.mark.django_db


def titles(*roles: str) -> set[str]:
    return {link.title for link in cohort_links("trial", frozenset(roles))}


def test_jobs_members_and_audit_are_shown_to_those_who_may_open_them():
    assert {"Jobs", "Members", "Audit"} <= titles(Role.COORDINATOR)
    assert "Jobs" in titles(Role.ANALYST) and "Audit" not in titles(Role.ANALYST)
    assert not {"Jobs", "Members", "Audit"} & titles(Role.READER)


def test_the_page_one_is_on_is_the_longest_entry_above_it():
    links = cohort_links("trial", frozenset({Role.COORDINATOR}), "/cohorts/trial/jobs/4711/")
    assert [link.title for link in links if link.is_current] == ["Jobs"]


def test_a_page_that_does_not_exist_has_no_address():
    assert address("nowhere:at_all", slug="trial") == ""


def render(template: str, query: str = "", **context) -> str:
    request = RequestFactory().get(f"/{query}")
    return Template("{% load petra %}" + template).render(Context({"request": request, **context}))


def test_paging_keeps_the_filters():
    assert render("{% with_query page=2 %}", "?state=failed&page=1") == "?state=failed&amp;page=2"


@pytest.mark.parametrize(
    ("seconds", "words"), [(None, "–"), (7.4, "7 s"), (200, "3 min 20 s"), (7500, "2 h 5 min"), (-1, "0 s")]
)
def test_durations_have_units(seconds, words):
    assert render("{{ value|duration }}", value=seconds) == words


@pytest.mark.parametrize(
    ("state", "look"),
    [("failed", "state-failed"), ("submitted", "state-succeeded"), ("overdue", "state-stale"), ("odd", "state-queued")],
)
def test_a_state_has_one_look(state, look):
    assert look in render("{% state_badge value %}", value=state)


def test_values_are_escaped():
    assert "<script>" not in render("{% state_badge value %}{{ value|as_json }}", value="<script>")
