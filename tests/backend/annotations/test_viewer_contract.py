"""What the viewer in the browser is told and what it may send, over HTTP."""

import base64
import json

import pytest
from django.test import Client
from django.urls import reverse

from backend.annotations.models import Mask, Reading
from backend.cohorts.models import Role
from backend.core.storage import read_bytes
from tests.factories.people import make_cohort, make_member
from tests.factories.voxel_cases import (
    TUMOUR,
    block,
    hand_in,
    make_assignment,
    make_voxel_case,
    packed,
    propose_bat_mask,
    propose_tumour_mask,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def case():
    return make_voxel_case(make_cohort(is_synthetic=True))


def signed_in(user) -> Client:
    client = Client(headers={"Accept": "application/json"})
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def post(client: Client, url: str, body: object):
    return client.post(url, json.dumps(body), content_type="application/json")


def manifest_of(assignment) -> dict:
    kwargs = {"slug": assignment.case.patient.cohort.slug, "assignment_id": assignment.pk}
    response = signed_in(assignment.reader).get(reverse("annotations:manifest", kwargs=kwargs))
    assert response.status_code == 200 and response.headers["Cache-Control"] == "no-store"
    return response.json()


def save_body(labels, **values) -> dict:
    encoded = base64.b64encode(packed(labels)).decode()
    return {"parent_revision": None, "lesions": TUMOUR, "mask_gzip_base64": encoded, "proposal_id": None, **values}


def test_the_manifest_names_volumes_task_and_addresses(case):
    assignment = make_assignment(case, make_member(case.patient.cohort, Role.READER))
    proposal = propose_tumour_mask(case)
    propose_bat_mask(case)
    manifest = manifest_of(assignment)
    assert manifest["case"] == {"id": str(case.pk), "pseudonym": case.patient.pseudonym, "synthetic": True}
    assert manifest["offset_lps_mm"] == [0.0, 0.0, 0.0]
    ct, pet = manifest["volumes"]["ct"], manifest["volumes"]["pet"]
    assert (ct["unit"], ct["dtype"], ct["passport"]) == ("HU", "int16", None)
    assert (pet["unit"], pet["dtype"]) == ("SUVbw", "uint16")
    assert pet["passport"] == {"factor_text": "× 0.00025 from BQML", "warnings": ["Odd."]}
    assert sum(slab["slice_count"] for slab in pet["slabs"]) == 24
    assert [slab["first_slice"] for slab in pet["slabs"]] == [0, 10, 20]
    assert manifest["task"]["may_draw"] and manifest["task"]["kind"] == "tumour"
    assert manifest["revision"] is None
    assert [(one["id"], one["kind"]) for one in manifest["proposals"]] == [(str(proposal.pk), "nnunet")]
    assert manifest["frame_of_reference_uid"] == case.pet.series.frame_of_reference_uid


def test_the_liver_sphere_is_kept_with_the_revision_and_comes_back(case):
    assignment = make_assignment(case, make_member(case.patient.cohort, Role.READER))
    client, save = signed_in(assignment.reader), manifest_of(assignment)["urls"]["save"]
    for broken in ([1.0, 2.0], ["1", 2, 3], [1.0, 2.0, float("inf")], {"x": 1}):
        answer = post(client, save, save_body(block(case), liver_lps_mm=broken))
        assert answer.status_code == 400 and "three numbers in mm" in answer.json()["message"]
    first = post(client, save, save_body(block(case), liver_lps_mm=[12.5, -8, 140])).json()["revision"]["id"]
    assert manifest_of(assignment)["revision"]["liver_lps_mm"] == [12.5, -8.0, 140.0]
    second = post(client, save, save_body(block(case, size=4), parent_revision=first)).json()["revision"]["id"]
    assert manifest_of(assignment)["revision"]["liver_lps_mm"] is None
    restore = manifest_of(assignment)["urls"]["restore"]
    assert post(client, restore, {"revision": first, "parent_revision": second}).status_code == 201
    assert manifest_of(assignment)["revision"]["liver_lps_mm"] == [12.5, -8.0, 140.0]


def test_save_again_submit_and_go_on_to_the_next_case(case):
    cohort = case.patient.cohort
    reader = make_member(cohort, Role.READER)
    assignment = make_assignment(case, reader, position=1)
    following = make_assignment(make_voxel_case(cohort), reader, position=2)
    client, urls = signed_in(reader), manifest_of(assignment)["urls"]

    answer = post(client, urls["save"], save_body(block(case)))
    assert answer.status_code == 201
    saved = answer.json()
    assert saved["revision"]["number"] == 1 and saved["branch"] is False and saved["message"] == ""
    late = post(client, urls["save"], save_body(block(case, size=2))).json()
    assert late["branch"] is True and "another window" in late["message"]

    shown = manifest_of(assignment)["revision"]
    assert shown["id"] == late["revision"]["id"] and shown["lesions"] == TUMOUR
    assert b"".join(client.get(shown["url"])) == read_bytes(Mask.objects.get(pk=shown["id"]).storage_key)

    handed_in = post(client, urls["submit"], {"revision": shown["id"], "outcome": "lesions", "reason": ""})
    assert handed_in.status_code == 200
    expected = {"slug": cohort.slug, "assignment_id": following.pk}
    assert handed_in.json() == {"next_url": reverse("annotations:view", kwargs=expected)}
    locked = manifest_of(assignment)
    assert locked["task"]["state"] == "submitted" and not locked["task"]["may_draw"]
    assert locked["task"]["read_only_reason"] and locked["proposals"] == []
    assert post(client, urls["save"], save_body(block(case))).status_code == 409


def test_the_last_case_leads_back_to_the_worklist(case):
    assignment = make_assignment(case, make_member(case.patient.cohort, Role.READER))
    urls = manifest_of(assignment)["urls"]
    answer = post(
        signed_in(assignment.reader), urls["submit"], {"outcome": "not_evaluable", "reason": "Motion", "revision": None}
    )
    assert answer.json()["next_url"] == urls["next"] == f"/cohorts/{case.patient.cohort.slug}/worklist/"
    assert Reading.objects.get().reason == "Motion"


def test_brown_fat_is_offered_on_the_pet_grid(case):
    rule = propose_bat_mask(case)
    assignment = make_assignment(case, make_member(case.patient.cohort, Role.READER), target="bat")
    (offered,) = manifest_of(assignment)["proposals"]
    assert (offered["id"], offered["kind"]) == (str(rule.pk), "bat_rule")
    client = signed_in(assignment.reader)
    on_pet = client.get(offered["url"])
    assert rule.provenance["on_pet_grid"]["key"].rpartition("/")[2].removesuffix(".gz") in on_pet.headers["ETag"]


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ("[1, 2]", "JSON object"),
        ("no json", "not JSON"),
        ('{"mask_gzip_base64": "%%%", "lesions": []}', "not base64"),
        ('{"parent_revision": "five", "lesions": []}', "parent_revision"),
    ],
)
def test_what_cannot_be_read_is_answered_with_a_sentence(case, body, sentence):
    assignment = make_assignment(case, make_member(case.patient.cohort, Role.READER))
    url = manifest_of(assignment)["urls"]["save"]
    answer = signed_in(assignment.reader).post(url, body, content_type="application/json")
    assert answer.status_code == 400 and sentence in answer.json()["message"]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"offset_lps_mm": [1, -2.5, 0], "reason": "Moved"}, 201),
        ({"offset_lps_mm": [1, -2.5, 0], "reason": " "}, 400),
        ({"offset_lps_mm": [1, 2], "reason": "Moved"}, 400),
        ({"offset_lps_mm": ["a", 2, 3], "reason": "Moved"}, 400),
        ({"offset_lps_mm": [501, 2, 3], "reason": "Moved"}, 400),
        ({"offset_lps_mm": [float("nan"), 2, 3], "reason": "Moved"}, 400),
    ],
)
def test_the_pet_is_moved_with_a_reason(case, body, status):
    assignment = make_assignment(case, make_member(case.patient.cohort, Role.READER))
    answer = post(signed_in(assignment.reader), manifest_of(assignment)["urls"]["offset"], body)
    assert answer.status_code == status
    assert manifest_of(assignment)["offset_lps_mm"] == ([1.0, -2.5, 0.0] if status == 201 else [0.0, 0.0, 0.0])


def test_a_reader_who_has_handed_in_no_longer_moves_the_pet(case):
    assignment = make_assignment(case, make_member(case.patient.cohort, Role.READER))
    hand_in(assignment, None)
    url = reverse("annotations:offset", kwargs={"slug": case.patient.cohort.slug, "case_id": case.pk})
    answer = post(signed_in(assignment.reader), url, {"offset_lps_mm": [1, 0, 0], "reason": "Moved"})
    assert answer.status_code == 403


def test_readings_are_compared_read_only(case):
    cohort = case.patient.cohort
    reading = hand_in(make_assignment(case, make_member(cohort, Role.READER)), block(case))
    adjudicator = signed_in(make_member(cohort, Role.ADJUDICATOR))
    kwargs = {"slug": cohort.slug, "case_id": case.pk}
    page = adjudicator.get(reverse("annotations:case_view", kwargs=kwargs))
    assert page.status_code == 200 and reading.reader.shown_name in page.content.decode()
    manifest = adjudicator.get(reverse("annotations:case_manifest", kwargs=kwargs)).json()
    assert manifest["revision"]["id"] == str(reading.mask_id) and not manifest["task"]["may_draw"]
    assert reading.reader.shown_name in manifest["task"]["shown_title"]
