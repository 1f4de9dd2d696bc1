"""Cases to readers: everybody everything, or a balanced draw; an order of one's own; and the pages for it."""

from collections import Counter

import pytest
from django.test import Client
from django.urls import reverse

from backend.annotations.models import Assignment
from backend.annotations.services.assigning import assign_all, assign_balanced
from backend.cohorts.models import Role
from backend.cohorts.services import meet_patient
from backend.core.errors import InvalidInput
from tests.factories.cases import make_case
from tests.factories.people import make_cohort, make_member
from tests.factories.voxel_cases import make_assignment

pytestmark = pytest.mark.django_db


@pytest.fixture
def cohort():
    return make_cohort()


def cases_of(cohort, number: int) -> list:
    return [make_case(meet_patient(cohort=cohort, pseudonym=f"PETRA-{i:04d}")) for i in range(number)]


def readers_of(cohort, number: int) -> list:
    return [make_member(cohort, Role.READER) for _ in range(number)]


def signed_in(user) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def shared(cohort, readers, cases) -> dict:
    actor = make_member(cohort, Role.COORDINATOR)
    return {"cohort": cohort, "readers": readers, "cases": cases, "target": "tumour", "actor": actor, "due_on": None}


def test_every_reader_gets_every_case_once_in_an_order_of_their_own(cohort):
    readers, cases = readers_of(cohort, 2), cases_of(cohort, 12)
    values = shared(cohort, readers, cases)
    assert assign_all(**values) == 24
    assert assign_all(**values) == 0, "what is there stays"
    orders = [
        list(Assignment.objects.filter(reader=reader).order_by("position").values_list("case", flat=True))
        for reader in readers
    ]
    assert orders[0] != orders[1] and set(orders[0]) == set(orders[1])


def test_a_balanced_draw_gives_each_case_to_so_many_and_loads_all_alike(cohort):
    readers, cases = readers_of(cohort, 4), cases_of(cohort, 10)
    made = assign_balanced(**shared(cohort, readers, cases), readers_per_case=3, seed=7)
    assert made == 30
    per_case = Counter(Assignment.objects.values_list("case", flat=True))
    per_reader = Counter(Assignment.objects.values_list("reader", flat=True))
    assert set(per_case.values()) == {3}
    assert max(per_reader.values()) - min(per_reader.values()) <= 1


def test_who_cannot_read_is_given_nothing(cohort):
    values = shared(cohort, [make_member(cohort, Role.ANALYST)], cases_of(cohort, 1))
    with pytest.raises(InvalidInput, match="is not a reader"):
        assign_all(**values)
    with pytest.raises(InvalidInput, match="between 1 and 1"):
        assign_balanced(**values, readers_per_case=2)


def test_the_worklist_shows_ones_own_in_all_cohorts_and_says_when_there_is_none(cohort):
    (reader,) = readers_of(cohort, 1)
    client = signed_in(reader)
    empty = client.get(reverse("annotations:my_worklist")).content.decode()
    assert "No case is waiting for you" in empty
    for number, case in enumerate(cases_of(cohort, 3)):
        make_assignment(case, reader, position=number)
    mine = client.get(reverse("annotations:my_worklist")).content.decode()
    assert "0 of 3 handed in" in mine and "PETRA-0001" in mine and cohort.name in mine
    found = client.get(reverse("annotations:worklist", kwargs={"slug": cohort.slug}), {"search": "0002"})
    assert "PETRA-0002" in found.content.decode() and "PETRA-0001" not in found.content.decode()
    nothing = client.get(reverse("annotations:my_worklist"), {"state": "submitted"}).content.decode()
    assert "No reading matches" in nothing


@pytest.mark.parametrize("name", ["annotations:worklist", "annotations:assignments", "cases:list"])
def test_lists_cost_the_same_for_3_and_for_30_rows(cohort, name, django_assert_max_num_queries):
    person = make_member(cohort, Role.READER, Role.COORDINATOR, Role.ADJUDICATOR)
    client, url = signed_in(person), reverse(name, kwargs={"slug": cohort.slug})
    cases = cases_of(cohort, 30)
    for number, case in enumerate(cases[:3]):
        make_assignment(case, person, position=number)
    with django_assert_max_num_queries(30) as few:
        assert client.get(url).status_code == 200
    for number, case in enumerate(cases[3:]):
        make_assignment(case, person, position=number + 3)
    with django_assert_max_num_queries(len(few)):
        assert client.get(url).status_code == 200
