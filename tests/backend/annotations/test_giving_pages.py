"""Giving cases on the page: filters, who would get what, the gift itself; and taking them back with what was drawn."""

import re

import pytest
from django.urls import reverse

from backend.annotations.blinding import is_blinded
from backend.annotations.models import Assignment, AssignmentRound, Mask
from backend.annotations.services.assigning import assign_one
from backend.annotations.services.planning import plan_balanced
from backend.annotations.services.withdrawing import withdraw_assignments
from backend.cohorts.models import Role
from backend.core.errors import Conflict
from tests.backend.annotations.test_assigning import cases_of, readers_of, signed_in
from tests.factories.people import make_cohort, make_member
from tests.factories.voxel_cases import block, draw, hand_in, make_assignment, make_voxel_case

pytestmark = pytest.mark.django_db


@pytest.fixture
def cohort():
    return make_cohort()


def address(cohort, name: str) -> str:
    return reverse(f"annotations:{name}", kwargs={"slug": cohort.slug})


def form_of(readers, cases, **values) -> dict:
    return {
        "readers": [reader.pk for reader in readers],
        "case": [case.pk for case in cases],
        "target": "tumour",
        "way": "balanced",
        "readers_per_case": 2,
        "step": "preview",
        **values,
    }


def hidden_fields(html: str) -> dict:
    found: dict[str, list[str]] = {}
    for tag in re.findall(r'<input type="hidden"[^>]*>', html):
        name, value = re.search(r'name="([^"]*)"', tag)[1], re.search(r'value="([^"]*)"', tag)[1]
        found.setdefault(name, []).append(value)
    return found


def test_nothing_is_given_before_it_was_shown_and_then_exactly_that(cohort):
    readers, cases = readers_of(cohort, 3), cases_of(cohort, 6)
    client = signed_in(make_member(cohort, Role.COORDINATOR))
    shown = client.post(address(cohort, "give"), form_of(readers, cases)).content.decode()
    assert "12 new assignments" in shown and not Assignment.objects.exists()
    fields = hidden_fields(shown)
    assert client.post(address(cohort, "give"), fields).status_code == 302
    seed = int(fields["seed"][0])
    given = AssignmentRound.objects.get()
    assert (given.seed, given.given_count, given.way, given.readers_per_case) == (seed, 12, "balanced", 2)
    Assignment.objects.all().delete()
    again = plan_balanced(cohort=cohort, readers=readers, cases=cases, readers_per_case=2, target="tumour", seed=seed)
    assert again.digest == fields["digest"][0]
    assert {len(share) for share in again.shares.values()} == {4}


def test_what_changed_since_it_was_shown_is_shown_again(cohort):
    readers, cases = readers_of(cohort, 2), cases_of(cohort, 4)
    client = signed_in(make_member(cohort, Role.COORDINATOR))
    fields = hidden_fields(client.post(address(cohort, "give"), form_of(readers, cases)).content.decode())
    assign_one(case=cases[0], reader=readers[0], target="tumour", actor=None)
    answer = client.post(address(cohort, "give"), fields)
    assert "have changed since" in answer.content.decode() and Assignment.objects.count() == 1


def test_by_hand_gives_what_is_ticked(cohort):
    readers, cases = readers_of(cohort, 2), cases_of(cohort, 3)
    client, url = signed_in(make_member(cohort, Role.COORDINATOR)), address(cohort, "give")
    ticking = client.post(url, form_of(readers, cases, way="hand", due_on="2099-01-31")).content.decode()
    assert f"{cases[2].patient.pseudonym} to {readers[1].shown_name}" in ticking
    pairs = ["", f"{cases[0].pk}:{readers[0].pk}", f"{cases[2].pk}:{readers[1].pk}"]
    shown = client.post(url, {**hidden_fields(ticking), "pair": pairs}).content.decode()
    assert "2 new assignments" in shown
    assert client.post(url, hidden_fields(shown)).status_code == 302
    assert set(Assignment.objects.values_list("case", "reader")) == {
        (cases[0].pk, readers[0].pk),
        (cases[2].pk, readers[1].pk),
    }
    assert {str(row.due_on) for row in Assignment.objects.all()} == {"2099-01-31"}


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"case": []}, "Choose the cases"),
        ({"case": ["nonsense"]}, "not an identifier"),
        ({"readers": []}, "required"),
        ({"readers_per_case": 9}, "between 1 and 2"),
        ({"due_on": "2001-01-01"}, "past"),
        ({"way": "hand", "pair": ["x"]}, "pair that PETRA did not write"),
        ({"way": "hand", "pair": [""]}, "nothing new"),
        ({"seed": "-4"}, "greater than or equal"),
    ],
)
def test_what_cannot_be_given_is_said_in_a_sentence_and_the_ticks_stay(cohort, change, sentence):
    readers, cases = readers_of(cohort, 2), cases_of(cohort, 2)
    client = signed_in(make_member(cohort, Role.COORDINATOR))
    answer = client.post(address(cohort, "give"), {**form_of(readers, cases), **change})
    assert answer.status_code == 200 and sentence in answer.content.decode()
    assert answer.content.decode().count("checked") >= (1 if "case" in change else 2)
    assert not Assignment.objects.exists()


def test_the_list_to_choose_from_costs_the_same_for_3_and_for_250_cases(cohort, django_assert_max_num_queries):
    readers = readers_of(cohort, 3)
    client, url = signed_in(make_member(cohort, Role.COORDINATOR)), address(cohort, "give")
    cases = cases_of(cohort, 3)
    client.get(url)
    with django_assert_max_num_queries(25) as few:
        assert client.get(url).status_code == 200
    for_choosing = len(few)
    with django_assert_max_num_queries(25) as preview:
        assert client.post(url, form_of(readers, cases)).status_code == 200
    for_preview = len(preview)
    cases = cases_of(cohort, 250)
    with django_assert_max_num_queries(for_choosing):
        assert client.get(url).content.decode().count('name="case"') == 253
    with django_assert_max_num_queries(for_preview):
        assert client.post(url, form_of(readers, cases)).status_code == 200
    with django_assert_max_num_queries(2 * for_preview + 25):
        give = hidden_fields(client.post(url, form_of(readers, cases)).content.decode())
        assert client.post(url, give).status_code == 302
    assert Assignment.objects.count() == 500


def test_several_are_taken_back_at_once_and_revisions_stay(cohort):
    reader = make_member(cohort, Role.READER)
    drawn = make_assignment(make_voxel_case(cohort), reader)
    untouched = make_assignment(make_voxel_case(cohort), reader, position=2)
    revision = draw(drawn, block(drawn.case))
    client, url = signed_in(make_member(cohort, Role.COORDINATOR)), address(cohort, "withdraw")
    asked = client.post(url, {"assignment": [drawn.pk, untouched.pk]}).content.decode()
    assert "are not deleted" in asked and Assignment.objects.count() == 2
    refused = client.post(url, {"assignment": [drawn.pk, untouched.pk], "confirmed": "yes"}, follow=True)
    assert "the revisions are kept" in refused.content.decode() and Assignment.objects.count() == 2
    both = {"assignment": f"{drawn.pk},{untouched.pk}", "confirmed": "yes", "keep_drawn": "yes"}
    assert client.post(url, both).status_code == 302
    assert not Assignment.objects.exists() and Mask.objects.filter(pk=revision.pk).exists()
    # Who has drawn stays blinded: the case can come back.
    assert is_blinded(reader, drawn.case) and not is_blinded(reader, untouched.case)
    again = assign_one(case=drawn.case, reader=reader, target="tumour", actor=None)
    assert again.pk == drawn.pk and again.masks.get() == revision


def test_a_stroke_that_is_under_way_when_the_case_is_taken_back_is_kept(cohort):
    reader = make_member(cohort, Role.READER)
    assignment = make_assignment(make_voxel_case(cohort), reader)
    withdraw_assignments(cohort=cohort, assignment_ids=[assignment.pk], actor=make_member(cohort, Role.COORDINATOR))
    assert draw(assignment, block(assignment.case)).assignment_id == assignment.pk


def test_what_is_handed_in_and_ones_own_are_not_taken_back(cohort):
    both = make_member(cohort, Role.COORDINATOR, Role.READER)
    own = make_assignment(make_voxel_case(cohort), both)
    handed_in = make_assignment(make_voxel_case(cohort), make_member(cohort, Role.READER))
    hand_in(handed_in, None)
    with pytest.raises(Conflict, match="ask another coordinator"):
        withdraw_assignments(cohort=cohort, assignment_ids=[own.pk], actor=both)
    with pytest.raises(Conflict, match="handed in"):
        withdraw_assignments(cohort=cohort, assignment_ids=[handed_in.pk], actor=both)
    assert Assignment.objects.count() == 2
