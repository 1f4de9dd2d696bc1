"""An adjudicator draws over the readings, signs with a reason, reopens; who has yet to read a case sees none of it."""

import json

import pytest
from django.test import Client
from django.urls import reverse

from backend.annotations.adjudication import newest_automatic
from backend.annotations.blinding import is_blinded, may_see_mask
from backend.annotations.models import Assignment, Consensus, Mask, MaskSource
from backend.annotations.selectors import assignments_of, current_consensus, reader_progress
from backend.annotations.services.adjudicating import open_adjudication, reopen_consensus, sign_consensus
from backend.annotations.services.assigning import assign_all
from backend.annotations.services.consensus import enqueue_consensus, record_consensus, record_proposed_mask
from backend.annotations.services.masks import store_labelmap
from backend.audit.models import AuditRecord
from backend.cohorts.models import Role
from backend.core.errors import Conflict, Forbidden, InvalidInput
from backend.jobs.models import Job, JobKind
from tests.factories.people import make_cohort, make_member
from tests.factories.voxel_cases import block, draw, hand_in, make_assignment, make_voxel_case

pytestmark = pytest.mark.django_db
ADJUDICATOR = frozenset({Role.ADJUDICATOR})


def stored(case, labels):
    return store_labelmap(case, labels.tobytes(), grid="pet")


@pytest.fixture
def world():
    """Three readings, both proposals and the votes, as the worker records them."""
    cohort = make_cohort()
    case = make_voxel_case(cohort)
    drawings = [block(case, first=10), block(case, first=10), block(case, first=11)]
    readings = [
        hand_in(make_assignment(case, make_member(cohort, Role.READER, username=f"reader-{n}")), labels)
        for n, labels in enumerate(drawings)
    ]
    proposals = {
        name: record_proposed_mask(case, name, stored(case, labels), readings)
        for name, labels in (("majority", drawings[0]), ("staple", drawings[2]), ("disagreement", drawings[2]))
    }
    record_consensus(
        case, target="tumour", method="majority", outcome="lesions", readings=readings, file=None,
        mask=proposals["majority"], proposals=proposals, agreement={"pairs": [], "outcomes": {}, "masks": 3},
    )  # fmt: skip
    return case, make_member(cohort, Role.ADJUDICATOR, username="adjudicator"), readings


def client_of(user) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def begin(case, adjudicator) -> Assignment:
    return open_adjudication(case=case, actor=adjudicator, roles=ADJUDICATOR)


def address(name: str, case, **named) -> str:
    return reverse(f"annotations:{name}", kwargs={"slug": case.patient.cohort.slug, **named})


def test_an_adjudication_is_no_reading_and_blinds_nobody(world):
    case, adjudicator, _ = world
    assignment = begin(case, adjudicator)
    assert begin(case, adjudicator) == assignment, "one goes on where one left it"
    assert not is_blinded(adjudicator, case)
    assert assignments_of(adjudicator).count() == 0
    assert sum(row["total"] for row in reader_progress(Assignment.objects.filter(case=case))) == 3
    assert not Assignment.objects.filter(pk=assignment.pk).exists()


def test_the_viewer_offers_both_proposals_the_readings_and_the_votes(world):
    case, adjudicator, readings = world
    client = client_of(adjudicator)
    opened = client.post(address("adjudicate", case, case_id=case.pk))
    assert opened.status_code == 302 and client.get(opened.url).status_code == 200
    assignment = Assignment.every_purpose.get(reader=adjudicator)
    manifest = client.get(address("manifest", case, assignment_id=assignment.pk)).json()
    assert manifest["task"]["purpose"] == "adjudication" and manifest["task"]["may_draw"]
    titles = [proposal["title"] for proposal in manifest["proposals"]]
    assert titles == ["Strict majority", "STAPLE", *(reading.reader.shown_name for reading in readings)]
    kinds = {layer["kind"] for layer in manifest["layers"]}
    assert kinds == {"consensus", "reading", "proposal", "votes"}
    votes = next(layer for layer in manifest["layers"] if layer["kind"] == "votes")
    assert votes["readers"] == 3 and client.get(votes["url"]).status_code == 200


def test_what_is_drawn_is_signed_frozen_and_named(world):
    case, adjudicator, readings = world
    assignment = begin(case, adjudicator)
    staple = newest_automatic(case).staple
    mask = draw(assignment, block(case, first=11, size=4), proposal_id=staple.pk)
    client = client_of(adjudicator)
    body = {"revision": str(mask.pk), "outcome": "lesions"}
    submit = address("submit", case, assignment_id=assignment.pk)
    refused = client.post(submit, json.dumps(body), content_type="application/json")
    assert refused.status_code == 400 and "write the reason" in refused.content.decode()
    signed = client.post(submit, json.dumps({**body, "reason": "Two missed it"}), content_type="application/json")
    assert signed.status_code == 200
    consensus = current_consensus(case, "tumour")
    assert consensus.is_signed and consensus.signed_by == adjudicator and consensus.reason == "Two missed it"
    assert consensus.mask.sha256 == mask.sha256 and consensus.mask != mask and consensus.mask.source == "consensus"
    assert set(consensus.reading_ids) == {reading.pk for reading in readings}
    assert consensus.differs_from_automatic and consensus.automatic == newest_automatic(case)
    assert Job.objects.filter(kind=JobKind.MEASURE_CONSENSUS, subject_id=str(consensus.pk)).exists()
    with pytest.raises(Conflict, match="signed"):
        draw(assignment, block(case), parent=mask)
    with pytest.raises(Conflict, match="reopen"):
        enqueue_consensus(case, target="tumour", actor=adjudicator)


def test_the_automatic_proposal_as_it_is_needs_no_reason(world):
    case, adjudicator, _ = world
    assignment = begin(case, adjudicator)
    lesions = [{"label": 7, "name": "Tumour", "role": "primary", "site": ""}]
    mask = draw(assignment, block(case, first=10) * 7, lesions=lesions)
    consensus = sign_consensus(assignment=assignment, actor=adjudicator, revision_id=mask.pk, outcome="lesions")
    assert not consensus.differs_from_automatic, "the number of a lesion is no difference"
    nothing = {"assignment": assignment, "actor": adjudicator, "revision_id": None}
    with pytest.raises(Conflict):
        sign_consensus(**nothing, outcome="no_avid_tumour", reason="x")
    reopen_consensus(case=case, actor=adjudicator, reason="Look again")
    with pytest.raises(InvalidInput, match="differs"):
        sign_consensus(**nothing, outcome="no_avid_tumour")


def test_reopening_is_a_row_of_its_own_and_the_automatic_one_stands_again(world):
    case, adjudicator, readings = world
    assignment = begin(case, adjudicator)
    mask = draw(assignment, block(case))
    values = {"assignment": assignment, "actor": adjudicator, "outcome": "lesions", "reason": "Better"}
    signed = sign_consensus(**values, revision_id=mask.pk)
    with pytest.raises(InvalidInput, match="why"):
        reopen_consensus(case=case, actor=adjudicator, reason=" ")
    reopen_consensus(case=case, actor=adjudicator, reason="A node was missed")
    with pytest.raises(Conflict, match="no signed"):
        reopen_consensus(case=case, actor=adjudicator, reason="Again")
    standing = current_consensus(case, "tumour")
    assert standing == newest_automatic(case) and not standing.is_signed
    assert Consensus.objects.filter(pk=signed.pk).exists()
    assert AuditRecord.objects.filter(action="consensus.reopen", reason="A node was missed").exists()
    further = draw(assignment, block(case, size=4), parent=mask)
    again = sign_consensus(**values, revision_id=further.pk)
    assert current_consensus(case, "tumour") == again
    assert Mask.objects.filter(source=MaskSource.CONSENSUS, provenance__method="signed").count() == 2


def test_who_has_yet_to_read_the_case_neither_adjudicates_nor_sees_an_own_adjudication(world):
    case, adjudicator, _ = world
    assignment = begin(case, adjudicator)
    mask = draw(assignment, block(case))
    make_assignment(case, make_member(case.patient.cohort, Role.READER, username="reader-9"))
    assert may_see_mask(adjudicator, mask, ADJUDICATOR)
    # By hand: the service that assigns cases passes over whoever adjudicates them.
    make_assignment(case, adjudicator)
    assert is_blinded(adjudicator, case) and not may_see_mask(adjudicator, mask, ADJUDICATOR)
    client = client_of(adjudicator)
    named = {"assignment_id": assignment.pk}
    gets = [address("view", case, **named), address("manifest", case, **named)]
    assert [client.get(url).status_code for url in gets] == [403, 403]
    assert client.post(address("adjudicate", case, case_id=case.pk)).status_code == 403
    assert client.post(address("reopen", case, case_id=case.pk), {"reason": "x"}).status_code == 403
    body = json.dumps({"mask_gzip_base64": "", "lesions": []})
    for name in ("save", "submit"):
        url = address(name, case, **named)
        assert client.post(url, body, content_type="application/json").status_code == 403
    with pytest.raises(Forbidden):
        sign_consensus(assignment=assignment, actor=adjudicator, revision_id=mask.pk, outcome="lesions", reason="x")


def test_an_adjudicators_draft_is_seen_by_nobody_else_and_others_do_not_open_it(world):
    case, adjudicator, readings = world
    assignment = begin(case, adjudicator)
    mask = draw(assignment, block(case))
    other = make_member(case.patient.cohort, Role.ADJUDICATOR, Role.COORDINATOR, username="other")
    assert not may_see_mask(other, mask, ADJUDICATOR)
    for user in (other, readings[0].reader):
        assert client_of(user).get(address("view", case, assignment_id=assignment.pk)).status_code == 404
    assert (
        str(mask.pk)
        not in client_of(other)
        .get(reverse("api:mask_list", kwargs={"slug": case.patient.cohort.slug}))
        .content.decode()
    )


def test_who_lost_the_role_of_adjudicator_goes_on_with_nothing(world):
    case, adjudicator, _ = world
    assignment = begin(case, adjudicator)
    case.patient.cohort.memberships.filter(user=adjudicator).update(role=Role.READER)
    assert client_of(adjudicator).get(address("view", case, assignment_id=assignment.pk)).status_code == 404


def test_a_case_is_never_given_to_its_adjudicator_to_read(world):
    case, adjudicator, _ = world
    begin(case, adjudicator)
    cohort = case.patient.cohort
    reader = make_member(cohort, Role.READER, username="fourth")
    cohort.memberships.create(user=adjudicator, role=Role.READER)
    made = assign_all(
        cohort=cohort, readers=[adjudicator, reader], cases=[case], target="tumour", actor=None, due_on=None
    )
    assert made == 1 and not is_blinded(adjudicator, case)


def test_a_late_reading_is_kept_and_does_not_undo_the_signature(world):
    case, adjudicator, _ = world
    late = make_assignment(case, make_member(case.patient.cohort, Role.READER, username="late"))
    assignment = begin(case, adjudicator)
    mask = draw(assignment, block(case))
    signed = sign_consensus(
        assignment=assignment, actor=adjudicator, revision_id=mask.pk, outcome="lesions", reason="Clear"
    )
    hand_in(late, block(case, first=5))
    assert current_consensus(case, "tumour") == signed
