"""Two versions of a reading are compared and merged; any revision is looked at and brought back; time is counted."""

import json
import uuid

import numpy as np
import pytest
from django.test import Client
from django.urls import reverse

from backend.annotations.models import Mask, ReadingSession
from backend.annotations.selectors import newest_revision, revisions_of
from backend.annotations.services.masks import read_labelmap
from backend.annotations.services.merging import compare_versions, merge_versions
from backend.annotations.services.restoring import restore_revision
from backend.cohorts.models import Role
from backend.core.errors import Conflict, InvalidInput
from tests.factories.people import make_cohort, make_member
from tests.factories.voxel_cases import TUMOUR, block, draw, hand_in, make_assignment, make_voxel_case

pytestmark = pytest.mark.django_db
NODE = {"label": 2, "name": "Node", "role": "node", "site": ""}
OTHER = {"label": 2, "name": "Peritoneum", "role": "metastasis", "site": ""}


@pytest.fixture
def assignment():
    cohort = make_cohort()
    return make_assignment(make_voxel_case(cohort), make_member(cohort, Role.READER))


def with_second(labels: np.ndarray, first: int) -> np.ndarray:
    drawn = labels.copy()
    drawn[first : first + 2, :2, :2] = 2
    return drawn


@pytest.fixture
def versions(assignment):
    """Both windows changed the same primary, and each added a lesion of its own under the same label."""
    case = assignment.case
    start = draw(assignment, block(case))
    first = draw(assignment, with_second(block(case, size=4), 0), parent=start, lesions=[*TUMOUR, NODE])
    second = draw(assignment, with_second(block(case, size=2), 6), parent=start, lesions=[*TUMOUR, OTHER])
    return first, second


def merged(assignment, versions, **takes) -> Mask:
    first, second = versions
    return merge_versions(
        assignment=assignment, actor=assignment.reader, first_id=first.pk, second_id=second.pk, takes=takes
    )


def voxels(mask: Mask) -> np.ndarray:
    return np.frombuffer(read_labelmap(mask), np.uint8)


def test_lesions_are_one_where_both_versions_have_them_from_the_same_revision(versions):
    pairs = compare_versions(*versions)
    assert [pair.key for pair in pairs] == ["1-1", "2-0", "0-2"]
    assert [(pair.first_voxels, pair.second_voxels) for pair in pairs] == [(64, 8), (8, 0), (0, 8)]
    assert not any(pair.is_same for pair in pairs)


def test_a_union_keeps_everything_that_either_window_drew_and_names_both_parents(assignment, versions):
    mask = merged(assignment, versions, **{"1-1": "union"})
    first, second = map(voxels, versions)
    assert np.array_equal(voxels(mask) > 0, (first > 0) | (second > 0))
    assert [(lesion["label"], lesion["name"]) for lesion in mask.lesions] == [
        (1, "Primary tumour"),
        (2, "Node"),
        (3, "Peritoneum"),
    ]
    assert ((mask.parent, mask.merged), mask.is_branch) == (versions, False)
    assert [one.pk for one in revisions_of(assignment).filter(is_tip=True)] == [mask.pk]
    assert newest_revision(assignment) == mask and mask.number == 4


def test_each_lesion_is_taken_from_one_version_or_left_out(assignment, versions):
    mask = merged(assignment, versions, **{"1-1": "second", "2-0": "none", "0-2": "second"})
    assert np.array_equal(voxels(mask) > 0, voxels(versions[1]) > 0)
    assert [lesion["name"] for lesion in mask.lesions] == ["Primary tumour", "Peritoneum"]


def test_what_was_merged_or_drawn_on_since_is_not_merged_again(assignment, versions):
    merged(assignment, versions)
    with pytest.raises(Conflict, match="drawn on in the meantime"):
        merged(assignment, versions)
    with pytest.raises(InvalidInput, match="two different"):
        merged(assignment, (versions[0], versions[0]))
    with pytest.raises(InvalidInput, match="one of"):
        merged(assignment, versions, **{"1-1": "both"})


def test_a_merged_branch_is_not_handed_in(assignment, versions):
    merged(assignment, versions)
    url = reverse("annotations:submit", kwargs=own(assignment))
    answer = post(client_of(assignment), url, {"revision": str(versions[1].pk), "outcome": "lesions"})
    assert answer.status_code == 409


def test_an_older_revision_is_brought_back_as_a_new_one(assignment, versions):
    start = versions[0].parent
    mask = restore_revision(
        assignment=assignment, actor=assignment.reader, revision_id=start.pk, parent_id=versions[0].pk
    )
    assert (mask.sha256, mask.number, mask.parent) == (start.sha256, 4, versions[0])
    assert mask.provenance == {"restored": str(start.pk)} and Mask.objects.count() == 4
    with pytest.raises(Conflict, match="another window"):
        restore_revision(assignment=assignment, actor=assignment.reader, revision_id=start.pk, parent_id=start.pk)


def own(assignment) -> dict:
    return {"slug": assignment.case.patient.cohort.slug, "assignment_id": assignment.pk}


def client_of(assignment, user=None) -> Client:
    client = Client(headers={"Accept": "application/json"})
    client.force_login(user or assignment.reader, backend="django.contrib.auth.backends.ModelBackend")
    return client


def post(client: Client, url: str, body: object):
    return client.post(url, json.dumps(body), content_type="application/json")


def test_the_list_names_every_revision_its_parents_and_the_versions_that_are_open(assignment, versions):
    listed = client_of(assignment).get(reverse("annotations:save", kwargs=own(assignment))).json()
    assert [one["number"] for one in listed["revisions"]] == [3, 2, 1]
    assert set(listed["versions"]) == {str(mask.pk) for mask in versions}
    assert [(one["is_branch"], one["is_tip"]) for one in listed["revisions"]] == [
        (True, True),
        (False, True),
        (False, False),
    ]
    assert listed["reader"] == str(assignment.reader.pk) and listed["may_draw"] and listed["csrf_token"]
    older = client_of(assignment).get(reverse("annotations:save", kwargs=own(assignment)), {"before": 3}).json()
    assert [one["number"] for one in older["revisions"]] == [2, 1]


def test_an_older_revision_is_shown_to_look_at(assignment, versions):
    client, start = client_of(assignment), versions[0].parent
    page = client.get(reverse("annotations:view", kwargs=own(assignment)), {"revision": str(start.pk)})
    assert f"?revision={start.pk}" in page.content.decode()
    shown = client.get(reverse("annotations:manifest", kwargs=own(assignment)), {"revision": str(start.pk)}).json()
    assert shown["revision"]["id"] == str(start.pk) and not shown["task"]["may_draw"]
    assert "revision 1" in shown["task"]["read_only_reason"]


def test_comparing_merging_and_restoring_over_http(assignment, versions):
    client, first, second = client_of(assignment), *(str(mask.pk) for mask in versions)
    compared = client.get(reverse("annotations:compare", kwargs=own(assignment)), {"first": first, "second": second})
    assert [row["first_ml"] for row in compared.json()["lesions"]] == [32.768, 4.096, 0]
    body = {"first": first, "second": second, "takes": {"1-1": "union"}}
    answer = post(client, reverse("annotations:merge", kwargs=own(assignment)), body)
    assert answer.status_code == 201 and answer.json()["revision"]["number"] == 4
    body = {"revision": first, "parent_revision": answer.json()["revision"]["id"]}
    assert post(client, reverse("annotations:restore", kwargs=own(assignment)), body).status_code == 201


@pytest.mark.parametrize("name", ["save", "compare", "restore", "merge", "active_time"])
def test_nobody_else_learns_of_a_readers_revisions(assignment, versions, name):
    cohort = assignment.case.patient.cohort
    nosy = client_of(assignment, make_member(cohort, *Role.values))
    url = reverse(f"annotations:{name}", kwargs=own(assignment))
    assert {nosy.get(url).status_code, post(nosy, url, {}).status_code} <= {404, 405}


def test_a_revision_of_another_reader_is_not_taken_from_ones_own_reading(assignment, versions):
    theirs = make_assignment(assignment.case, make_member(assignment.case.patient.cohort, Role.READER))
    client, foreign = client_of(theirs), str(versions[0].pk)
    url = reverse("annotations:restore", kwargs=own(theirs))
    assert post(client, url, {"revision": foreign}).status_code == 400
    assert client.get(reverse("annotations:manifest", kwargs=own(theirs)), {"revision": foreign}).status_code == 400


def test_time_at_work_is_kept_per_visit_and_never_gets_shorter(assignment):
    client, url = client_of(assignment), reverse("annotations:active_time", kwargs=own(assignment))
    visit, other = str(uuid.uuid4()), str(uuid.uuid4())
    for key, seconds in ((visit, 60), (visit, 90), (visit, 30), (other, 10)):
        assert post(client, url, {"visit": key, "active_seconds": seconds}).status_code == 204
    assert sorted(ReadingSession.objects.values_list("active_seconds", flat=True)) == [10, 90]
    assert post(client, url, {"visit": visit, "active_seconds": 10**6}).status_code == 400


def test_after_handing_in_nothing_is_merged_or_brought_back(assignment):
    reading = hand_in(assignment, block(assignment.case))
    with pytest.raises(Conflict, match="handed in"):
        restore_revision(
            assignment=assignment, actor=assignment.reader, revision_id=reading.mask_id, parent_id=reading.mask_id
        )
