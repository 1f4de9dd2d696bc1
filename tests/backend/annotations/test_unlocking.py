"""Unlocking: a reason, nobody's own, never under a signature; the reader is blinded again and nothing is lost."""

import pytest
from django.test import Client
from django.urls import reverse

from backend.annotations.blinding import is_blinded, may_see_mask
from backend.annotations.models import Consensus, Reading, Target
from backend.annotations.selectors import current_consensus, current_readings
from backend.annotations.services.consensus import record_bat_settlement, record_consensus, settle_by_hand
from backend.annotations.services.unlocking import unlock_reading
from backend.audit.models import AuditRecord
from backend.cohorts.access import roles_in
from backend.cohorts.models import Role
from backend.core.errors import Conflict, InvalidInput
from tests.factories.people import make_cohort, make_member
from tests.factories.voxel_cases import block, draw, hand_in, make_assignment, make_voxel_case, propose_bat_mask

pytestmark = pytest.mark.django_db


@pytest.fixture
def case():
    return make_voxel_case(make_cohort())


@pytest.fixture
def coordinator(case):
    return make_member(case.patient.cohort, Role.COORDINATOR)


def reader_of(case):
    return make_member(case.patient.cohort, Role.READER)


def settled(case, *readings) -> Consensus:
    return record_consensus(
        case, target="tumour", method="majority", outcome="lesions", readings=list(readings), file=None
    )


def test_an_unlocked_reading_stays_as_a_row_and_its_reader_is_blinded_and_draws_again(case, coordinator):
    assignment, other = make_assignment(case, reader_of(case)), make_assignment(case, reader_of(case))
    theirs = hand_in(other, block(case))
    reading = hand_in(assignment, block(case))
    # Also where somebody oversees the cohort, and so may see the others' once the own reading is in.
    roles = roles_in(assignment.reader, case.patient.cohort) | {Role.ANALYST}
    assert may_see_mask(assignment.reader, theirs.mask, roles)

    unlock_reading(reading=reading, actor=coordinator, reason="The wrong side was drawn")
    assert is_blinded(assignment.reader, case)
    assert not may_see_mask(assignment.reader, theirs.mask, roles)
    assert not may_see_mask(other.reader, reading.mask, roles), "what was withdrawn is a draft again"
    assert current_readings(case, "tumour") == [theirs]
    assert Reading.objects.filter(assignment=assignment).get() == reading

    mask = draw(assignment, block(case, size=4), parent=reading.mask)
    assert mask.parent == reading.mask
    audit = AuditRecord.objects.get(action="reading.unlock")
    assert (audit.actor, audit.reason) == (coordinator, "The wrong side was drawn")


def test_a_second_reading_takes_the_place_of_the_withdrawn_one(case, coordinator):
    assignment = make_assignment(case, reader_of(case))
    first = hand_in(assignment, block(case))
    unlock_reading(reading=first, actor=coordinator, reason="Motion")
    second = hand_in(assignment, None)
    assert current_readings(case, "tumour") == [second] and not is_blinded(assignment.reader, case)
    assert list(Reading.objects.filter(assignment=assignment)) == [first, second]
    with pytest.raises(Conflict, match="unlocked before"):
        unlock_reading(reading=first, actor=coordinator, reason="Again")


def test_an_automatic_consensus_on_it_stands_no_longer(case, coordinator):
    assignment, other = make_assignment(case, reader_of(case)), make_assignment(case, reader_of(case))
    theirs, reading = hand_in(other, block(case)), hand_in(assignment, block(case))
    without, built = settled(case, theirs), settled(case, theirs, reading)
    assert current_consensus(case, "tumour") == built
    unlock_reading(reading=reading, actor=coordinator, reason="Motion")
    assert current_consensus(case, "tumour") == without, "one that was made without it stands"
    assert AuditRecord.objects.get(action="reading.unlock").before["superseded"] == [str(built.pk)]
    assert Consensus.objects.filter(pk=built.pk).exists()


def test_under_a_signed_consensus_nothing_is_unlocked(case, coordinator):
    reading = hand_in(make_assignment(case, reader_of(case)), block(case))
    adjudicator = make_member(case.patient.cohort, Role.ADJUDICATOR, username="ada")
    settle_by_hand(case=case, outcome="lesions", reading=reading, reason="Clear", actor=adjudicator)
    with pytest.raises(Conflict, match="ada signed"):
        unlock_reading(reading=reading, actor=coordinator, reason="Motion")
    assert not is_blinded(reading.reader, case)


def test_brown_fat_is_unlocked_with_the_signature_that_is_the_reading_itself(case, coordinator):
    rule = propose_bat_mask(case)
    by_rule = record_bat_settlement(case, reading=None, rule=rule, actor=None)
    reading = hand_in(make_assignment(case, reader_of(case), target=Target.BAT), block(case))
    record_bat_settlement(case, reading=reading, rule=rule, actor=None)
    unlock_reading(reading=reading, actor=coordinator, reason="Muscle was signed")
    assert current_consensus(case, Target.BAT) == by_rule, "the rule's output counts again, unsigned"


def test_a_reason_is_needed_and_it_is_never_ones_own(case, coordinator):
    own = hand_in(make_assignment(case, coordinator), None)
    with pytest.raises(Conflict, match="another coordinator"):
        unlock_reading(reading=own, actor=coordinator, reason="A second try")
    reading = hand_in(make_assignment(case, reader_of(case)), None)
    with pytest.raises(InvalidInput, match="Say why"):
        unlock_reading(reading=reading, actor=coordinator, reason="  ")


def test_a_region_that_came_with_the_images_is_not_unlocked(case, coordinator):
    reading = Reading.objects.create(case=case, target="tumour", outcome="no_avid_tumour", origin="GTV")
    with pytest.raises(Conflict, match="came with the images"):
        unlock_reading(reading=reading, actor=coordinator, reason="Wrong")


def signed_in(user) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_a_coordinator_unlocks_on_a_page_that_says_what_follows(case, coordinator):
    assignment = make_assignment(case, reader_of(case))
    kwargs = {"slug": case.patient.cohort.slug, "assignment_id": assignment.pk}
    url, client = reverse("annotations:unlock", kwargs=kwargs), signed_in(coordinator)
    assert "nothing to unlock" in client.get(url).content.decode()
    hand_in(assignment, block(case))
    assert "counts no longer" in client.get(url).content.decode()
    refused = client.post(url, {"reason": " "})
    assert refused.status_code == 409 and "Say why" in refused.content.decode()
    assert client.post(url, {"reason": "Wrong side"}).status_code == 302
    assert is_blinded(assignment.reader, case)
    assert "Wrong side" in client.get(url).content.decode(), "what was withdrawn is listed"


def test_a_coordinator_who_still_reads_the_case_unlocks_nothing_and_learns_nothing(case, coordinator):
    assignment = make_assignment(case, reader_of(case))
    reading = hand_in(assignment, block(case))
    make_assignment(case, coordinator)
    slug = case.patient.cohort.slug
    page = reverse("annotations:unlock", kwargs={"slug": slug, "assignment_id": assignment.pk})
    api = reverse("api:reading_unlock", kwargs={"slug": slug, "reading_id": reading.pk})
    client = signed_in(coordinator)
    assert {client.get(page).status_code, client.post(api, {"reason": "Curious"}).status_code} == {403}


def test_the_api_unlocks_with_a_reason(case, coordinator):
    reading = hand_in(make_assignment(case, reader_of(case)), block(case))
    url = reverse("api:reading_unlock", kwargs={"slug": case.patient.cohort.slug, "reading_id": reading.pk})
    client = signed_in(coordinator)
    assert client.post(url, {}).status_code == 400
    assert client.post(url, {"reason": "Wrong side"}).status_code == 204
    assert client.post(url, {"reason": "Wrong side"}).status_code == 409
    listed = client.get(reverse("api:reading_list", kwargs={"slug": case.patient.cohort.slug})).json()
    rows = listed["results"] if isinstance(listed, dict) else listed
    assert rows[0]["withdrawn_at"] and rows[0]["mask_sha256"] == reading.mask_sha256
