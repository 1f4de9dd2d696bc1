"""Cases to readers: everybody everything, or a balanced draw; an order of one's own; and the pages for it."""

from collections import Counter

import pytest
from django.test import Client
from django.urls import reverse

from backend.annotations.models import Assignment
from backend.annotations.services.assigning import assign_all, assign_balanced, withdraw_assignment
from backend.cohorts.models import Role
from backend.cohorts.services import meet_patient
from backend.core.errors import Conflict, InvalidInput
from tests.factories.cases import make_case
from tests.factories.people import make_cohort, make_member
from tests.factories.voxel_cases import block, draw, make_assignment, make_voxel_case

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


def test_what_was_drawn_keeps_its_assignment(cohort):
    case, (reader,) = make_voxel_case(cohort), readers_of(cohort, 1)
    assignment = make_assignment(case, reader)
    draw(assignment, block(case))
    with pytest.raises(Conflict, match="drawn"):
        withdraw_assignment(assignment=assignment, actor=make_member(cohort, Role.COORDINATOR))


def test_a_coordinator_who_also_reads_does_not_see_others_readings_by_taking_the_own_case_back(cohort):
    both = make_member(cohort, Role.COORDINATOR, Role.READER)
    assignment = make_assignment(make_voxel_case(cohort), both)
    take = reverse("annotations:withdraw", kwargs={"slug": cohort.slug, "assignment_id": assignment.pk})
    refused = signed_in(both).post(take)
    assert refused.status_code == 409 and "ask another coordinator" in refused.content.decode()
    assert Assignment.objects.exists()
    assert signed_in(make_member(cohort, Role.COORDINATOR)).post(take).status_code == 302


def test_the_coordinator_gives_and_takes_cases_on_the_page(cohort):
    (reader,), cases = readers_of(cohort, 1), cases_of(cohort, 2)
    client = signed_in(make_member(cohort, Role.COORDINATOR))
    url = reverse("annotations:assignments", kwargs={"slug": cohort.slug})
    form = {"readers": [reader.pk], "target": "tumour", "way": "all", "readers_per_case": 3, "due_on": "2027-01-31"}
    assert client.post(url, {**form, "cases": [cases[0].pk]}).status_code == 302
    assignment = Assignment.objects.get()
    assert str(assignment.due_on) == "2027-01-31"
    assert reader.shown_name in client.get(url, {"reader": reader.username}).content.decode()
    take = reverse("annotations:withdraw", kwargs={"slug": cohort.slug, "assignment_id": assignment.pk})
    assert client.post(take).status_code == 302
    assert not Assignment.objects.exists()
    refused = client.post(url, {**form, "readers": []})
    assert refused.status_code == 200 and "required" in refused.content.decode()


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
