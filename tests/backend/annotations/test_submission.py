"""Handing in: what each outcome needs, what is kept, and what starts by itself."""

import pytest

from backend.annotations.models import Reading
from backend.annotations.services.consensus import enqueue_missing_consensuses, settle_by_hand
from backend.audit.models import AuditRecord
from backend.cohorts.models import Role
from backend.core.errors import Conflict, InvalidInput
from backend.jobs.models import Job, JobKind
from tests.factories.people import make_cohort, make_member
from tests.factories.voxel_cases import (
    TUMOUR,
    assign_new_reader,
    block,
    draw,
    hand_in,
    make_voxel_case,
    propose_bat_mask,
    submit,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def case():
    return make_voxel_case(make_cohort())


def jobs(kind: str) -> int:
    return Job.objects.filter(kind=kind).count()


def test_a_reading_keeps_its_mask_is_audited_and_measured(case):
    assignment = assign_new_reader(case)
    reading = hand_in(assignment, block(case))
    assert reading.mask.voxel_count == 27 and reading.reader == assignment.reader
    assert AuditRecord.objects.filter(action="reading.submit", object_id=str(reading.pk)).exists()
    assert jobs(JobKind.MEASURE_READING) == 1


@pytest.mark.parametrize(
    ("outcome", "drawn", "reason", "sentence"),
    [
        ("lesions", False, "", "Nothing is drawn"),
        ("no_avid_tumour", True, "", "Voxels are drawn"),
        ("not_evaluable", False, "  ", "Say why"),
        ("wonderful", False, "", "outcome must be one of"),
        ("not_evaluable", False, "x" * 501, "at most 500"),
    ],
)
def test_an_outcome_that_contradicts_what_is_drawn_is_refused(case, outcome, drawn, reason, sentence):
    assignment = assign_new_reader(case)
    mask = draw(assignment, block(case)) if drawn else None
    with pytest.raises(InvalidInput, match=sentence):
        submit(assignment, mask, outcome=outcome, reason=reason)
    assert not Reading.objects.exists()


def test_a_lesion_without_a_voxel_is_refused_by_name(case):
    assignment = assign_new_reader(case)
    lesions = [*TUMOUR, {"label": 2, "name": "Lesion 2", "role": "node", "site": ""}]
    mask = draw(assignment, block(case), lesions=lesions)
    with pytest.raises(InvalidInput, match="Lesion 2"):
        submit(assignment, mask)


def test_a_reading_is_handed_in_once_and_only_the_newest_revision(case):
    assignment = assign_new_reader(case)
    first = draw(assignment, block(case))
    draw(assignment, block(case, size=2), parent=first)
    with pytest.raises(Conflict, match="another window"):
        submit(assignment, first)
    submit(assignment, outcome="not_evaluable", reason="Moved between CT and PET")
    with pytest.raises(Conflict, match="handed in"):
        submit(assignment, outcome="not_evaluable", reason="Again")


def test_the_consensus_starts_when_the_last_of_enough_readers_has_handed_in(case):
    assignments = [assign_new_reader(case) for _ in range(3)]
    for assignment in assignments[:2]:
        hand_in(assignment, block(case))
        assert jobs(JobKind.BUILD_CONSENSUS) == 0
    hand_in(assignments[2], None)
    assert jobs(JobKind.BUILD_CONSENSUS) == 1


def test_an_accepted_brown_fat_proposal_stays_on_the_grid_of_the_rule(case):
    rule = propose_bat_mask(case)
    assignment = assign_new_reader(case, target="bat")
    accepted = draw(assignment, block(case, first=4, size=2), proposal_id=rule.pk)
    reading = submit(assignment, accepted)
    assert reading.mask == rule and reading.mask.grid == "ct"
    assert jobs(JobKind.BUILD_CONSENSUS) == 1, "signing settles brown fat"


def test_an_edited_brown_fat_proposal_is_the_readers_own(case):
    rule = propose_bat_mask(case)
    assignment = assign_new_reader(case, target="bat")
    edited = draw(assignment, block(case, first=4, size=3), proposal_id=rule.pk)
    assert submit(assignment, edited).mask == edited


def test_an_adjudicator_settles_by_hand_with_a_reason_and_no_reading_changes(case):
    adjudicator = make_member(case.patient.cohort, Role.ADJUDICATOR)
    reading = hand_in(assign_new_reader(case), block(case))
    with pytest.raises(InvalidInput, match="Say why"):
        settle_by_hand(case=case, outcome="lesions", reading=reading, reason=" ", actor=adjudicator)
    with pytest.raises(InvalidInput, match="Choose the reading"):
        settle_by_hand(case=case, outcome="lesions", reading=None, reason="Best", actor=adjudicator)
    settled = settle_by_hand(case=case, outcome="lesions", reading=reading, reason="Best", actor=adjudicator)
    assert settled.is_signed and settled.signed_by == adjudicator and settled.mask == reading.mask
    assert enqueue_missing_consensuses(case.patient.cohort, actor=adjudicator) == 0, "a person's word stays"
    hand_in(assign_new_reader(case), block(case))
    assert enqueue_missing_consensuses(case.patient.cohort, actor=adjudicator) == 0, "whatever is read after it"
    with pytest.raises(Conflict, match="reopen it"):
        settle_by_hand(case=case, outcome="lesions", reading=reading, reason="Again", actor=adjudicator)
    assert enqueue_missing_consensuses(case.patient.cohort, actor=adjudicator) == 0, "it is being built"
