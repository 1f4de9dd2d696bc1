"""Saving: nothing drawn is dropped, a save that is sent twice is kept once, what cannot be a mask is refused."""

import gzip
import uuid

import numpy as np
import pytest
from django.db import connection, transaction

from backend.annotations.models import Mask
from backend.annotations.services.drawing import save_mask, unpack_labelmap
from backend.annotations.services.masks import read_labelmap
from backend.cohorts.models import Role
from backend.core.errors import Conflict, InvalidInput
from tests.factories.people import make_cohort, make_member
from tests.factories.voxel_cases import TUMOUR, block, draw, hand_in, make_assignment, make_voxel_case, packed

pytestmark = pytest.mark.django_db


@pytest.fixture
def assignment():
    cohort = make_cohort()
    return make_assignment(make_voxel_case(cohort), make_member(cohort, Role.READER))


def save(assignment, labels, **values):
    defaults = {"parent_id": None, "lesions": TUMOUR, "mask_gzip": packed(labels)}
    return save_mask(assignment=assignment, actor=assignment.reader, **{**defaults, **values})


def test_what_was_drawn_comes_back_voxel_for_voxel(assignment):
    labels = block(assignment.case)
    mask = save(assignment, labels).mask
    assert read_labelmap(mask) == labels.tobytes()
    assert (mask.number, mask.voxel_count, mask.grid) == (1, 27, "pet")
    assert mask.volume_ml == pytest.approx(27 * 0.512)


def test_each_save_is_a_new_revision_and_a_late_one_is_kept_as_a_branch_and_said(assignment):
    first = save(assignment, block(assignment.case)).mask
    second = save(assignment, block(assignment.case, size=4), parent_id=first.pk)
    late = save(assignment, block(assignment.case, size=2), parent_id=first.pk)
    assert (second.branched, second.mask.number, second.mask.is_branch) == (False, 2, False)
    assert (late.branched, late.mask.number, late.mask.is_branch) == (True, 2, True)
    assert "another window" in late.message
    onwards = save(assignment, block(assignment.case, size=5), parent_id=late.mask.pk)
    assert onwards.mask.is_branch and not onwards.branched, "who was told once is not told at every stroke"
    assert Mask.objects.filter(assignment=assignment).count() == 4


def test_two_windows_that_both_start_empty_lose_nothing(assignment):
    assert not save(assignment, block(assignment.case)).branched
    assert save(assignment, block(assignment.case, size=2)).branched


def test_a_save_that_is_sent_twice_is_kept_once(assignment):
    key = uuid.uuid4()
    first = save(assignment, block(assignment.case), client_key=key)
    again = save(assignment, block(assignment.case), client_key=key)
    assert again.mask == first.mask and not again.branched
    assert Mask.objects.count() == 1


def test_a_process_that_dies_between_the_file_and_the_row_loses_and_doubles_nothing(assignment):
    key, labels = uuid.uuid4(), block(assignment.case)

    class Died(BaseException):
        pass

    with pytest.raises(Died), transaction.atomic():
        lost = save(assignment, labels, client_key=key).mask
        raise Died
    assert not Mask.objects.filter(pk=lost.pk).exists()
    kept = save(assignment, labels, client_key=key).mask
    assert kept.storage_key == lost.storage_key
    assert read_labelmap(kept) == labels.tobytes()
    assert Mask.objects.count() == 1


def test_revisions_cannot_be_changed_by_anybody(assignment):
    mask = save(assignment, block(assignment.case)).mask
    with pytest.raises(Exception, match="never changed"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE annotations_mask SET voxel_count = 0 WHERE id = %s", [mask.pk])


def test_a_handed_in_reading_is_locked(assignment):
    hand_in(assignment, block(assignment.case))
    with pytest.raises(Conflict, match="handed in"):
        save(assignment, block(assignment.case, size=2))


@pytest.mark.parametrize(
    ("lesions", "sentence"),
    [
        ("no list", "must be a list"),
        ([{"label": 0, "name": "A", "role": "primary"}], "whole number from 1"),
        ([{"label": True, "name": "A", "role": "primary"}], "whole number from 1"),
        ([{"label": 1, "name": " ", "role": "primary"}], "has no name"),
        ([{"label": 1, "name": "A" * 81, "role": "primary"}], "at most 80"),
        ([{"label": 1, "name": "A", "role": "bat"}], "role of lesion 1"),
        ([{"label": 1, "name": "A", "role": "node"}, {"label": 1, "name": "B", "role": "node"}], "same label"),
        ([{"label": 2, "name": "A", "role": "primary"}], "no lesion has it"),
    ],
)
def test_lesions_that_make_no_sense_are_refused(assignment, lesions, sentence):
    with pytest.raises(InvalidInput, match=sentence):
        save(assignment, block(assignment.case), lesions=lesions)
    assert not Mask.objects.exists()


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"not gzip", "damaged"),
        (gzip.compress(bytes(10)), "has 10 voxels"),
        (gzip.compress(bytes(32 * 32 * 24 + 1)), "more voxels"),
        (gzip.compress(bytes(200_000_000)), "more voxels"),
        (gzip.compress(bytes(32 * 32 * 24))[:-12], "has|more|damaged"),
    ],
)
def test_files_that_are_no_labelmap_of_the_pet_are_refused(assignment, content, sentence):
    with pytest.raises(InvalidInput, match=sentence):
        save(assignment, block(assignment.case), mask_gzip=content)


def test_a_bomb_is_never_unpacked_beyond_the_grid():
    bomb = gzip.compress(bytes(50_000_000))
    with pytest.raises(InvalidInput):
        unpack_labelmap(bomb, voxel_count=1000)


def test_revisions_and_proposals_of_other_cases_are_refused(assignment):
    other = make_assignment(make_voxel_case(assignment.case.patient.cohort), assignment.reader)
    foreign = draw(other, block(other.case))
    with pytest.raises(InvalidInput, match="does not belong"):
        save(assignment, block(assignment.case), parent_id=foreign.pk)
    with pytest.raises(InvalidInput, match="not offered"):
        save(assignment, block(assignment.case), proposal_id=foreign.pk)


def test_several_lesions_share_one_labelmap(assignment):
    labels = block(assignment.case)
    labels[0, 0, 0] = 2
    named = [*TUMOUR, {"label": 2, "name": "Node", "role": "node", "site": "left iliac"}]
    mask = save(assignment, labels, lesions=named).mask
    assert [lesion["role"] for lesion in mask.lesions] == ["primary", "node"]
    assert np.count_nonzero(np.frombuffer(read_labelmap(mask), np.uint8)) == 28
