"""A person who still has a case to read sees nothing of others' work on it, on any channel and whatever their roles."""

from dataclasses import replace

import pytest
from django.test import Client
from django.urls import reverse

from backend.annotations.blinding import blinded_case_ids, blinded_patient_ids, is_blinded, may_see_outcomes
from backend.annotations.models import Consensus
from backend.annotations.services.consensus import record_consensus
from backend.annotations.services.masks import store_labelmap
from backend.cohorts.models import Role
from backend.cohorts.protocol_versions import new_protocol_version
from backend.cohorts.services import current_rules
from tests.factories.people import make_cohort, make_member
from tests.factories.voxel_cases import block, draw, hand_in, make_assignment, make_voxel_case, propose_bat_mask

pytestmark = pytest.mark.django_db
EVERY_ROLE = tuple(Role.values)


@pytest.fixture
def world():
    """One case read by another reader with a consensus; somebody with every role who has not read it yet."""
    cohort = make_cohort()
    case = make_voxel_case(cohort)
    other = make_member(cohort, Role.READER, username="other-reader")
    everything = make_member(cohort, *EVERY_ROLE, username="everything")
    reading = hand_in(make_assignment(case, other), block(case), reason="A telling reason")
    file = store_labelmap(case, block(case).tobytes(), grid="pet")
    consensus = record_consensus(
        case, target="tumour", method="single", outcome="lesions", readings=[reading], file=file
    )
    return cohort, case, other, everything, reading, consensus


def client_of(user) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def page(user, name: str, **kwargs) -> tuple[int, str]:
    response = client_of(user).get(reverse(name, kwargs=kwargs))
    body = b"".join(response) if response.streaming is False else b""
    return response.status_code, body.decode(errors="replace")


SHOWN = ("other-reader", "A telling reason")


def channels(cohort, case, reading, consensus) -> dict[str, str]:
    slug = cohort.slug
    return {
        "case page": reverse("cases:detail", kwargs={"slug": slug, "case_id": case.pk}),
        "case list": reverse("cases:list", kwargs={"slug": slug}),
        "comparison": reverse("annotations:case_view", kwargs={"slug": slug, "case_id": case.pk}),
        "comparison manifest": reverse("annotations:case_manifest", kwargs={"slug": slug, "case_id": case.pk}),
        "regions": reverse("annotations:regions", kwargs={"slug": slug, "case_id": case.pk}),
        "reading's voxels": reverse("annotations:labelmap", kwargs={"slug": slug, "mask_id": reading.mask_id}),
        "consensus' voxels": reverse("annotations:labelmap", kwargs={"slug": slug, "mask_id": consensus.mask_id}),
        "mask by API": reverse("api:mask_detail", kwargs={"slug": slug, "mask_id": reading.mask_id}),
        "voxels by API": reverse("api:mask_labelmap", kwargs={"slug": slug, "mask_id": reading.mask_id}),
        "readings by API": reverse("api:reading_list", kwargs={"slug": slug}),
        "consensuses by API": reverse("api:consensus_list", kwargs={"slug": slug}),
        "masks by API": reverse("api:mask_list", kwargs={"slug": slug}),
    }


def leaks(user, address: str, reading, consensus) -> bool:
    """Whether anything of the other's reading or of the consensus is in the answer."""
    response = client_of(user).get(address)
    if response.status_code in (403, 404):
        return False
    if response.streaming:
        return True
    body = response.content.decode()
    return any(word in body for word in (*SHOWN, str(reading.mask_id), str(consensus.mask_id), str(consensus.pk)))


def test_whoever_has_yet_to_read_sees_nothing_on_any_channel_and_all_of_it_afterwards(world):
    cohort, case, _, everything, reading, consensus = world
    addresses = channels(cohort, case, reading, consensus)
    open_to_all = {name for name, url in addresses.items() if leaks(everything, url, reading, consensus)}
    assert open_to_all == set(addresses) - {"regions", "case list"}, "without an assignment the roles decide"

    assignment = make_assignment(case, everything)
    leaking = {name for name, url in addresses.items() if leaks(everything, url, reading, consensus)}
    assert leaking == set()

    hand_in(assignment, None)
    again = {name for name, url in addresses.items() if leaks(everything, url, reading, consensus)}
    assert again == open_to_all


@pytest.mark.parametrize("stage", ["to_read", "to_settle", "settled", "regions", "bat"])
def test_the_list_of_cases_does_not_tell_by_its_filter_how_far_a_hidden_case_is(world, stage):
    cohort, case, _, everything, _, _ = world
    make_assignment(case, everything)
    _, unfiltered = page(everything, "cases:list", slug=cohort.slug)
    assert case.patient.pseudonym in unfiltered
    response = client_of(everything).get(reverse("cases:list", kwargs={"slug": cohort.slug}), {"stage": stage})
    assert case.patient.pseudonym not in response.content.decode()


@pytest.mark.parametrize("action", ["cases:start_consensus", "cases:start_bat", "cases:start_features", "cases:settle"])
def test_a_blinded_person_starts_nothing_on_the_case(world, action):
    cohort, case, _, everything, _, _ = world
    make_assignment(case, everything)
    response = client_of(everything).post(reverse(action, kwargs={"slug": cohort.slug, "case_id": case.pk}))
    assert response.status_code == 403
    assert Consensus.objects.filter(case=case).count() == 1


@pytest.mark.parametrize(("shown", "readings", "consensuses"), [
    ("nothing", 403, 403), ("readings", 200, 403), ("consensus", 200, 200),
])  # fmt: skip
def test_who_only_reads_sees_of_a_case_that_they_have_read_what_the_protocol_says(world, shown, readings, consensuses):
    cohort, case, other, _, _, consensus = world
    if shown != "nothing":
        rules = replace(current_rules(cohort), shown_after_submission=shown)
        new_protocol_version(cohort=cohort, rules=rules, reason="Teaching.", actor=other)
    second = make_member(cohort, Role.READER, username="zweite")
    theirs = hand_in(make_assignment(case, second), block(case))
    stranger = make_member(cohort, Role.READER)
    settled = reverse("annotations:labelmap", kwargs={"slug": cohort.slug, "mask_id": consensus.mask_id})
    read = reverse("annotations:labelmap", kwargs={"slug": cohort.slug, "mask_id": theirs.mask_id})
    assert (client_of(other).get(read).status_code, client_of(other).get(settled).status_code) == (
        readings,
        consensuses,
    )
    assert client_of(stranger).get(read).status_code == client_of(stranger).get(settled).status_code == 403
    _, body = page(stranger, "cases:detail", slug=cohort.slug, case_id=case.pk)
    assert "other-reader" not in body and "zweite" not in body
    _, body = page(other, "cases:detail", slug=cohort.slug, case_id=case.pk)
    assert ("zweite" in body) == (readings == 200) and ("Built (UTC)" in body) == (consensuses == 200)


def test_a_draft_is_seen_by_its_reader_alone(world):
    cohort, case, _, _, _, _ = world
    drafting = make_member(cohort, Role.READER)
    mask = draw(make_assignment(case, drafting), block(case))
    voxels = reverse("annotations:labelmap", kwargs={"slug": cohort.slug, "mask_id": mask.pk})
    coordinator = make_member(cohort, Role.COORDINATOR)
    assert client_of(drafting).get(voxels).status_code == 200
    assert client_of(coordinator).get(voxels).status_code == 403
    listed = client_of(coordinator).get(reverse("api:mask_list", kwargs={"slug": cohort.slug}))
    assert str(mask.pk) not in listed.content.decode()


def test_a_blinded_reader_still_gets_the_proposals_of_the_own_task(world):
    cohort, case, _, _, _, _ = world
    rule = propose_bat_mask(case)
    reader = make_member(cohort, Role.READER)
    voxels = reverse("annotations:labelmap", kwargs={"slug": cohort.slug, "mask_id": rule.pk})
    assignment = make_assignment(case, reader)
    assert client_of(reader).get(voxels).status_code == 403, "brown fat is not this reader's task"
    assignment.delete()
    make_assignment(case, reader, target="bat")
    assert client_of(reader).get(voxels).status_code == 200


def test_selectors_say_whom_blinding_concerns(world, django_assert_num_queries):
    cohort, case, other, everything, _, _ = world
    make_assignment(case, everything)
    assert is_blinded(everything, case) and not is_blinded(other, case)
    with django_assert_num_queries(1):
        assert blinded_patient_ids(everything, cohort) == {case.patient_id}
    with django_assert_num_queries(1):
        assert blinded_case_ids(other, cohort) == frozenset()


def test_outcomes_are_hidden_from_who_only_reads_and_from_who_has_yet_to_read(world):
    cohort, case, other, everything, _, _ = world
    assert not may_see_outcomes(other, case.patient)
    assert may_see_outcomes(everything, case.patient)
    make_assignment(case, everything)
    assert not may_see_outcomes(everything, case.patient)


def test_the_worklist_and_manifest_of_others_do_not_exist(world):
    cohort, case, _, everything, _, _ = world
    theirs = make_assignment(case, make_member(cohort, Role.READER))
    for name in ("annotations:view", "annotations:manifest"):
        assert page(everything, name, slug=cohort.slug, assignment_id=theirs.pk)[0] == 404
