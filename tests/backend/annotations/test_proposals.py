"""What becomes of a proposal: used and changed, or rejected; recorded, and marked wherever a reading is shown."""

import numpy as np
import pytest
from django.test import Client
from django.urls import reverse

from backend.annotations.bodies import body_of
from backend.annotations.models import ProposalRejection, ProposalUse
from backend.annotations.services.proposals import reject_proposal
from backend.audit.models import AuditRecord
from backend.cohorts.models import ClinicalRecord, Role
from backend.core.errors import Conflict, InvalidInput
from tests.factories.people import make_cohort, make_member
from tests.factories.voxel_cases import (
    assign_new_reader,
    block,
    draw,
    hand_in,
    make_voxel_case,
    propose_bat_mask,
    propose_tumour_mask,
    submit,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def case():
    return make_voxel_case(make_cohort())


def signed_in(user) -> Client:
    client = Client(headers={"Accept": "application/json"})
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_what_was_changed_in_a_proposal_is_recorded_at_submission(case):
    proposal, assignment = propose_tumour_mask(case), assign_new_reader(case)
    proposed = block(case, first=8, size=4)
    drawn = proposed.copy()
    drawn[8] = 0
    drawn[20, 1, 1:3] = 1
    use = submit(assignment, draw(assignment, drawn, proposal_id=proposal.pk)).proposal_use
    assert (use.proposal, use.voxels_proposed) == (proposal, 64)
    assert (use.voxels_added, use.voxels_removed, use.is_unchanged) == (2, 16, False)
    common = np.count_nonzero((drawn > 0) & (proposed > 0))
    assert use.dice == pytest.approx(2 * common / (np.count_nonzero(drawn) + np.count_nonzero(proposed)))


def test_a_later_revision_that_names_no_proposal_still_stands_on_it(case):
    """The page forgets when it is loaded anew; the chain of revisions does not."""
    rule, assignment = propose_bat_mask(case), assign_new_reader(case, target="bat")
    accepted = draw(assignment, block(case, first=4, size=2), proposal_id=rule.pk)
    wider = draw(assignment, block(case, first=4, size=3), parent=accepted)
    back = draw(assignment, block(case, first=4, size=2), parent=wider)
    reading = submit(assignment, back)
    assert reading.proposal_use.is_unchanged and reading.proposal_use.dice == 1
    assert reading.mask == rule


def test_a_proposal_that_was_wholly_deleted_is_recorded_too(case):
    proposal, assignment = propose_tumour_mask(case), assign_new_reader(case)
    draw_on = draw(assignment, block(case, first=8, size=4), proposal_id=proposal.pk)
    empty = draw(assignment, np.zeros_like(block(case)), parent=draw_on, lesions=[])
    use = submit(assignment, empty, outcome="no_avid_tumour").proposal_use
    assert (use.voxels_added, use.voxels_removed, use.dice) == (0, 64, 0)


def test_a_reading_without_a_proposal_is_not_marked(case):
    propose_tumour_mask(case)
    hand_in(assign_new_reader(case), block(case))
    assert not ProposalUse.objects.exists()


def test_a_rejection_is_recorded_once_and_audited(case):
    proposal, assignment = propose_tumour_mask(case), assign_new_reader(case)
    first = reject_proposal(assignment=assignment, proposal_id=proposal.pk, actor=assignment.reader)
    assert reject_proposal(assignment=assignment, proposal_id=proposal.pk, actor=assignment.reader) == first
    assert first.rejected_by == assignment.reader
    record = AuditRecord.objects.get(action="proposal.reject")
    assert record.object_id == str(first.pk)


def test_only_an_offered_proposal_of_an_open_reading_is_rejected(case):
    rule, assignment = propose_bat_mask(case), assign_new_reader(case)
    with pytest.raises(InvalidInput, match="not offered"):
        reject_proposal(assignment=assignment, proposal_id=rule.pk, actor=assignment.reader)
    proposal = propose_tumour_mask(case)
    hand_in(assignment, block(case))
    with pytest.raises(Conflict, match="handed in"):
        reject_proposal(assignment=assignment, proposal_id=proposal.pk, actor=assignment.reader)
    assert not ProposalRejection.objects.exists()


def test_the_viewer_is_told_of_its_own_rejection_only(case):
    proposal, mine, other = propose_tumour_mask(case), assign_new_reader(case), assign_new_reader(case)
    slug = case.patient.cohort.slug

    def offered(assignment) -> dict:
        kwargs = {"slug": slug, "assignment_id": assignment.pk}
        return signed_in(assignment.reader).get(reverse("annotations:manifest", kwargs=kwargs)).json()["proposals"][0]

    url = offered(mine)["reject_url"]
    assert signed_in(other.reader).post(url).status_code == 404
    answer = signed_in(mine.reader).post(url)
    assert answer.status_code == 201
    assert offered(mine)["rejected_at"] == answer.json()["rejected_at"] != ""
    assert (offered(other)["id"], offered(other)["rejected_at"]) == (str(proposal.pk), "")


def test_readings_made_with_a_proposal_are_marked_on_pages_and_in_the_api(case):
    cohort, proposal = case.patient.cohort, propose_tumour_mask(case)
    with_it, without, third = assign_new_reader(case), assign_new_reader(case), assign_new_reader(case)
    submit(with_it, draw(with_it, block(case, first=8, size=4), proposal_id=proposal.pk))
    hand_in(without, block(case))
    reject_proposal(assignment=third, proposal_id=proposal.pk, actor=third.reader)
    coordinator = signed_in(make_member(cohort, Role.COORDINATOR))
    rows = coordinator.get(f"/api/v1/cohorts/{cohort.slug}/readings/").json()["results"]
    assert [row["made_with_proposal"] for row in rows] == [True, False]
    assert rows[1]["proposal"] is None
    assert rows[0]["proposal"] == {
        "proposal_id": str(proposal.pk),
        "source": "nnunet",
        "voxels_proposed": 64,
        "voxels_added": 0,
        "voxels_removed": 0,
        "dice": 1.0,
    }
    page = coordinator.get(reverse("cases:detail", kwargs={"slug": cohort.slug, "case_id": case.pk})).content.decode()
    assert page.count("Made with a proposal") == 1 and "as proposed" in page
    rejected_at = ProposalRejection.objects.get().created_at.strftime("%Y-%m-%d %H:%M")
    assert rejected_at in page
    shown = coordinator.get(reverse("annotations:case_view", kwargs={"slug": cohort.slug, "case_id": case.pk}))
    assert f"{with_it.reader.shown_name}, made with a proposal" in shown.content.decode()


def test_the_body_comes_from_the_header_and_the_clinical_record_fills_in(case):
    acquisition = case.pet.series.pet_acquisition
    acquisition.suv_passport = {"inputs": {"patient_sex": "F", "patient_weight_kg": 71.5, "patient_height_m": None}}
    acquisition.save()
    assert body_of(case) == {"sex": "F", "height_m": None, "weight_kg": 71.5}
    ClinicalRecord.objects.create(patient=case.patient, height_cm=164, weight_kg=80)
    assert body_of(case) == {"sex": "F", "height_m": 1.64, "weight_kg": 71.5}
    acquisition.suv_passport = {"inputs": {"patient_sex": "O"}}
    acquisition.save()
    assert body_of(case) == {"sex": None, "height_m": 1.64, "weight_kg": 80}


def test_a_rendition_on_the_pet_grid_is_what_is_compared(case):
    rule, assignment = propose_bat_mask(case), assign_new_reader(case, target="bat")
    drawn = block(case, first=4, size=3)
    use = submit(assignment, draw(assignment, drawn, proposal_id=rule.pk)).proposal_use
    assert rule.provenance["on_pet_grid"]["voxel_count"] == use.voxels_proposed == 8
    assert (use.voxels_added, use.voxels_removed) == (27 - 8, 0)
