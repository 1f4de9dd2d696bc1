"""A member who is limited to one centre, at every address: of another centre they see and change nothing."""

import uuid

import pytest
from django.apps import apps
from django.db import transaction
from django.test import Client
from django.urls import reverse

from backend.annotations.views.presence import team_rows
from backend.cohorts.access import beyond_limits
from backend.cohorts.models import Centre, Membership, Patient, Role
from backend.core.centre_limit import centre_limit, centre_path, limited_to
from backend.core.one_centre import FOR_ONE_CENTRE, FOR_ONE_CENTRE_API, is_for_one_centre
from backend.dashboards.views.job_events import job_rows
from backend.imaging.models import Upload
from tests.contracts.test_permissions import IN_COHORT, ROUTES, _other_method, _send, may, sign_in_once, values_of
from tests.factories.clinical import make_patient
from tests.factories.people import make_member
from tests.factories.route_objects import RouteWorld

pytestmark = pytest.mark.django_db

STREAMS = ("jobs:events", "annotations:team_events")
# Keywords that name something of the cohort and not of one of its patients.
OF_THE_COHORT = {"slug", "membership_id", "number", "experiment_id", "figure_id", "form", "user_id"}


class CentreWorld(RouteWorld):
    """The own cohort's patients come from the north; a member of each role is limited to the south and its patient."""

    def __init__(self) -> None:
        super().__init__(sorted({keyword for route in ROUTES for keyword in route.keywords}))
        north, south = (Centre.objects.create(cohort=self.own, name=name) for name in ("north", "south"))
        Patient.objects.filter(cohort=self.own).update(centre=north)
        Upload.objects.filter(cohort=self.own).update(centre=north)
        self.southern = make_patient(self.own, "PETRA-SOUTH001")
        Patient.objects.filter(pk=self.southern.pk).update(centre=south)
        self.limited = {role: make_member(self.own, role) for role in Role.values}
        Membership.objects.filter(user__in=self.limited.values()).update(centre=south)
        self.northern_reader = self.members[Role.READER]
        self.south, self.marks = south, self._marks(north)

    def _marks(self, north: Centre) -> set[str]:
        """What would give a northern row away: identifiers, pseudonyms and DICOM UIDs."""
        marks = set(Patient.objects.filter(centre=north).values_list("pseudonym", flat=True))
        for model in apps.get_models():
            if path := centre_path(model):
                rows = model._base_manager.filter(**{path: north})
                marks |= {str(pk) for pk in rows.values_list("pk", flat=True) if isinstance(pk, uuid.UUID)}
                for name in ("series_instance_uid", "study_instance_uid", "sop_instance_uid"):
                    if name in {field.name for field in model._meta.concrete_fields}:
                        marks |= set(rows.values_list(name, flat=True))
        return marks - {""}


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock(), transaction.atomic():
        made = CentreWorld()
        sign_in_once(made.limited.values())
        yield made
        transaction.set_rollback(True)


def fetch(address: str, user) -> tuple[int, str]:
    with transaction.atomic():
        client = Client()
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        response = client.get(address)
        sent = b"".join(response) if response.streaming and not response.is_async else b""
        body = sent or (b"" if response.streaming else response.content)
        transaction.set_rollback(True)
    return response.status_code, body.decode(errors="replace")


@pytest.mark.parametrize("route", IN_COHORT, ids=lambda route: route.name)
def test_what_is_of_another_centre_is_not_found(route, world):
    address = reverse(route.name, kwargs=values_of(route, world, world.own))
    names_a_patient = bool(set(route.keywords) - OF_THE_COHORT)
    wrong = {}
    allowed = {role: user for role, user in world.limited.items() if may(route.rule(), role)}
    # Where the whole cohort is asked for, one role shows that the limit and not the role refuses.
    for role, user in list(allowed.items())[: None if is_for_one_centre(route.name) and names_a_patient else 1]:
        if route.name in STREAMS:
            continue
        answer = _send(address, user, "GET")
        if answer.status == 405:
            answer = _send(address, user, _other_method(address, user) if not names_a_patient else "POST")
        wanted = {403} if not is_for_one_centre(route.name) else {404} if names_a_patient else {200, 204, 302, 400}
        if answer.status not in wanted | ({405} if names_a_patient else set()):
            wrong[role] = answer
    assert wrong == {}


@pytest.mark.parametrize(
    "route", [route for route in IN_COHORT if route.keywords == ("slug",)], ids=lambda route: route.name
)
def test_no_list_and_no_export_holds_a_row_of_another_centre(route, world):
    if route.name in STREAMS:
        pytest.skip("streams have a test of their own")
    address = reverse(route.name, kwargs={"slug": world.own.slug})
    for role in (Role.COORDINATOR, Role.READER):
        if may(route.rule(), role) and is_for_one_centre(route.name):
            user = world.limited[role]
            for query in ("", "?export=csv") if role == Role.COORDINATOR else ("",):
                body = fetch(address + query, user)[1]
                assert {mark for mark in world.marks if mark in body} == set(), (role, query)


def test_the_streams_carry_only_the_own_centre(world):
    coordinator = world.limited[Role.COORDINATOR]
    sent = str(job_rows(world.own, coordinator)) + str(team_rows(world.own, coordinator))
    assert {mark for mark in world.marks if mark in sent} == set() and centre_limit() is None
    assert job_rows(world.own, world.members[Role.COORDINATOR])


def test_the_own_centre_is_seen_and_the_marks_are_where_they_are_looked_for(world):
    board = reverse("dashboards:board", kwargs={"slug": world.own.slug})
    patients = reverse("api:patient_list", kwargs={"slug": world.own.slug})
    for address in (board, patients):
        assert world.southern.pseudonym in fetch(address, world.limited[Role.COORDINATOR])[1]
        body = fetch(address, world.members[Role.COORDINATOR])[1]
        assert any(mark in body for mark in world.marks)
    page = reverse("dashboards:patient", kwargs={"slug": world.own.slug, "pseudonym": world.southern.pseudonym})
    assert fetch(page, world.limited[Role.COORDINATOR])[0] == 200


def test_a_reader_of_another_centre_keeps_nothing_in_the_worklist_of_all_cohorts(world):
    with transaction.atomic():
        Membership.objects.filter(user=world.northern_reader).update(centre=world.south)
        status, body = fetch(reverse("annotations:my_worklist"), world.northern_reader)
        hidden = Patient.objects.filter(beyond_limits(world.northern_reader)).count()
        transaction.set_rollback(True)
    assert status == 200 and {mark for mark in world.marks if mark in body} == set() and hidden > 0
    before = fetch(reverse("annotations:my_worklist"), world.northern_reader)[1]
    assert any(mark in before for mark in world.marks)


@pytest.mark.parametrize(
    "model", [model for model in apps.get_models() if centre_path(model)], ids=lambda model: model._meta.label_lower
)
def test_every_model_of_a_patient_obeys_the_limit(model):
    """A model with a plain manager would open a hole in every page that asks it."""
    if model._meta.label_lower == "cohorts.membership":
        pytest.skip("a membership names the centre that it is limited to")
    with limited_to(uuid.uuid4()):
        managers = [manager for manager in model._meta.managers]
        assert managers and all("centre" in str(manager.all().query) for manager in managers)
    assert "centre" not in str(model._default_manager.all().query).partition("WHERE")[2]


def test_the_list_of_open_addresses_names_addresses_that_there_are():
    known = {route.name for route in ROUTES}
    assert {*FOR_ONE_CENTRE, *(f"api:{name}" for name in FOR_ONE_CENTRE_API)} <= known
