"""The page of a case and the list of cases: what each role is offered, and what the buttons start."""

import pytest
from django.test import Client
from django.urls import reverse

from backend.annotations.models import Consensus
from backend.annotations.services.consensus import settle_by_hand
from backend.cohorts.models import Role
from backend.features.services.bulk import enqueue_missing_extractions
from backend.jobs.models import Job, JobKind
from tests.factories.people import make_cohort, make_member
from tests.factories.voxel_cases import block, hand_in, make_assignment, make_voxel_case, propose_bat_mask

pytestmark = pytest.mark.django_db


@pytest.fixture
def case():
    """Read by one reader."""
    case = make_voxel_case(make_cohort())
    hand_in(make_assignment(case, make_member(case.patient.cohort, Role.READER)), block(case))
    return case


def member_of(case, *roles) -> Client:
    client = Client()
    member = make_member(case.patient.cohort, *roles)
    client.force_login(member, backend="django.contrib.auth.backends.ModelBackend")
    return client


def address(case, name: str) -> str:
    return reverse(name, kwargs={"slug": case.patient.cohort.slug, "case_id": case.pk})


def body(response) -> str:
    assert response.status_code == 200
    return response.content.decode()


def jobs(kind: str) -> int:
    return Job.objects.filter(kind=kind).count()


def test_the_next_step_is_offered_as_the_case_goes_on(case):
    client = member_of(case, Role.ANALYST)
    page = body(client.get(address(case, "cases:detail")))
    assert "Build consensus" in page and "Propose brown fat" in page and "Extract features" not in page
    assert "× 0.00025 from BQML" in page and "Odd." in page
    assert client.post(address(case, "cases:start_consensus")).status_code == 302
    assert client.post(address(case, "cases:start_bat")).status_code == 302
    assert jobs(JobKind.BUILD_CONSENSUS) == 1 and jobs(JobKind.PROPOSE_BAT) == 1
    refused = client.post(address(case, "cases:start_features"))
    assert refused.status_code == 409 and "build the consensus first" in refused.content.decode()


def test_only_an_adjudicator_settles_and_only_with_a_reason(case):
    reading = case.readings.get()
    asked = {"choice": str(reading.pk), "reason": "Reader saw the bladder apart"}
    assert member_of(case, Role.COORDINATOR).post(address(case, "cases:settle"), asked).status_code == 403
    adjudicator = member_of(case, Role.ADJUDICATOR)
    assert "Settle by hand" in body(adjudicator.get(address(case, "cases:detail")))
    assert adjudicator.post(address(case, "cases:settle"), {**asked, "reason": ""}).status_code == 400
    assert adjudicator.post(address(case, "cases:settle"), {**asked, "choice": "nothing"}).status_code == 400
    assert adjudicator.post(address(case, "cases:settle"), asked).status_code == 302
    assert Consensus.objects.get().reason == "Reader saw the bladder apart"
    assert "Reader saw the bladder apart" in body(adjudicator.get(address(case, "cases:detail")))


def test_the_list_is_filtered_by_stage_and_starts_what_is_missing(case):
    client, slug = member_of(case, Role.ANALYST), case.patient.cohort.slug
    unread = make_voxel_case(case.patient.cohort)
    url = reverse("cases:list", kwargs={"slug": slug})
    to_settle = body(client.get(url, {"stage": "to_settle"}))
    assert case.patient.pseudonym in to_settle and unread.patient.pseudonym not in to_settle
    assert unread.patient.pseudonym in body(client.get(url, {"stage": "to_read"}))
    start = reverse("cases:start_consensuses", kwargs={"slug": slug})
    assert "1 consensus started." in body(client.post(start, follow=True))
    assert "Nothing to start" in body(client.post(start, follow=True))
    assert jobs(JobKind.BUILD_CONSENSUS) == 1


def test_features_are_extracted_where_they_are_missing_and_not_of_cases_that_one_still_reads(case):
    reading, actor = case.readings.get(), make_member(case.patient.cohort, Role.ADJUDICATOR)
    propose_bat_mask(case)
    cohort = case.patient.cohort
    assert enqueue_missing_extractions(cohort, actor=actor) == 0, "nothing is settled"
    settle_by_hand(case=case, outcome="lesions", reading=reading, reason="Only one", actor=actor)
    assert enqueue_missing_extractions(cohort, actor=actor, left_out=[case.pk]) == 0
    assert enqueue_missing_extractions(cohort, actor=actor) == 1
    assert enqueue_missing_extractions(cohort, actor=actor) == 0, "it is being extracted"


def test_the_api_lists_cases_and_starts_their_next_step(case):
    client, slug = member_of(case, Role.ANALYST), case.patient.cohort.slug
    (listed,) = client.get(reverse("api:case_list", kwargs={"slug": slug})).json()["results"]
    assert listed["id"] == str(case.pk) and listed["pet_geometry"]["size_xyz"] == [32, 32, 24]
    url = reverse("api:case_action", kwargs={"slug": slug, "case_id": case.pk})
    started = client.post(url, {"action": "build_consensus"}, content_type="application/json")
    assert started.status_code == 202 and started.json()["kind"] == "build_consensus"
    assert client.post(url, {"action": "explode"}, content_type="application/json").status_code == 400
