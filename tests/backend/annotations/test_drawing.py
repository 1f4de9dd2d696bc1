"""Saving: nothing drawn is dropped, a save that is sent twice is kept once, what cannot be a mask is refused."""

import gzip
import hashlib
import struct
import uuid

import numpy as np
import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection, transaction

from backend.annotations.models import Mask
from backend.annotations.services.drawing import save_mask
from backend.annotations.services.edits import Edit, WholeMaskNeeded, apply_edit, unpack
from backend.annotations.services.masks import read_labelmap
from backend.audit.models import AuditRecord
from backend.cohorts.models import Role
from backend.core.errors import Conflict, InvalidInput
from tests.factories.edits import edit_between
from tests.factories.people import make_cohort, make_member
from tests.factories.voxel_cases import TUMOUR, block, draw, hand_in, make_assignment, make_voxel_case, packed

pytestmark = pytest.mark.django_db


@pytest.fixture
def assignment():
    cohort = make_cohort()
    return make_assignment(make_voxel_case(cohort), make_member(cohort, Role.READER))


def save(assignment, labels, **values):
    defaults = {"parent_id": None, "lesions": TUMOUR, "mask_gzip": None if labels is None else packed(labels)}
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
    assert (late.branched, late.mask.number, late.mask.is_branch) == (True, 3, True)
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
        unpack(bomb, limit=1000, what="mask")


def test_revisions_and_proposals_of_other_cases_are_refused(assignment):
    other = make_assignment(make_voxel_case(assignment.case.patient.cohort), assignment.reader)
    foreign = draw(other, block(other.case))
    kept = save(assignment, block(assignment.case), parent_id=foreign.pk)
    assert kept.branched and kept.mask.parent is None, "what was drawn is kept, and no revision of others is named"
    with pytest.raises(InvalidInput, match="not offered"):
        save(assignment, block(assignment.case), proposal_id=foreign.pk)


def test_several_lesions_share_one_labelmap(assignment):
    labels = block(assignment.case)
    labels[0, 0, 0] = 2
    named = [*TUMOUR, {"label": 2, "name": "Node", "role": "node", "site": "left iliac"}]
    mask = save(assignment, labels, lesions=named).mask
    assert [lesion["role"] for lesion in mask.lesions] == ["primary", "node"]
    assert np.count_nonzero(np.frombuffer(read_labelmap(mask), np.uint8)) == 28


def test_an_edit_costs_kilobytes_and_makes_the_same_mask(assignment):
    before, after = block(assignment.case), block(assignment.case, size=5)
    first = save(assignment, before).mask
    edit = edit_between(before, after)
    assert len(edit.runs_gzip) < 400
    mask = save(assignment, None, parent_id=first.pk, mask_gzip=None, edit=edit).mask
    assert read_labelmap(mask) == after.tobytes() and mask.voxel_count == 125
    erased = save(assignment, None, parent_id=mask.pk, mask_gzip=None, edit=edit_between(after, before)).mask
    assert (erased.storage_key, erased.number) == (first.storage_key, 3), "the same voxels are one file"


def test_the_first_stroke_is_an_edit_of_nothing(assignment):
    labels = block(assignment.case)
    edit = edit_between(np.zeros_like(labels), labels)
    assert read_labelmap(save(assignment, None, mask_gzip=None, edit=edit).mask) == labels.tobytes()


def test_the_whole_mask_is_asked_for_where_an_edit_has_nothing_to_stand_on(assignment):
    before, after = block(assignment.case), block(assignment.case, size=5)
    first, edit = save(assignment, before).mask, edit_between(before, after)
    for parent_id, wrong in (
        (uuid.uuid4(), edit),
        (first.pk, edit_between(np.zeros_like(before), after * 0)),
        (None, edit),
    ):
        with pytest.raises(WholeMaskNeeded):
            save(assignment, None, parent_id=parent_id, mask_gzip=None, edit=wrong)
    default_storage.delete(first.storage_key)
    with pytest.raises(WholeMaskNeeded):
        save(assignment, None, parent_id=first.pk, mask_gzip=None, edit=edit)
    assert save(assignment, after, parent_id=first.pk).mask.parent == first
    assert Mask.objects.count() == 2


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x01\x00\x00\x00",
        struct.pack("<IIIB", 1, 0, 0, 1),
        struct.pack("<IIIIIBB", 2, 5, 5, 2, 2, 1, 1),
        struct.pack("<IIIIIBB", 2, 5, 1, 2, 2, 1, 1),
        struct.pack("<IIIB", 1, 99, 2, 1),
        struct.pack("<IIIB", 1, 0, 2**32 - 1, 1),
        bytes(10_000),
    ],
)
def test_runs_that_make_no_sense_are_refused(content):
    with pytest.raises(InvalidInput):
        apply_edit(bytearray(100), Edit(runs_gzip=gzip.compress(content), sha256=""))


def test_a_save_that_holds_an_unanswered_one_follows_it_and_is_no_branch(assignment):
    lost, key = uuid.uuid4(), uuid.uuid4()
    first = save(assignment, block(assignment.case), client_key=lost).mask
    second = save(assignment, block(assignment.case, size=4), client_key=key, includes=[lost])
    assert second.mask.parent == first and not second.branched and not second.mask.is_branch


def test_a_save_that_arrives_after_the_one_that_holds_it_is_answered_with_that_one(assignment):
    slow, key = uuid.uuid4(), uuid.uuid4()
    newer = save(assignment, block(assignment.case, size=4), client_key=key, includes=[slow]).mask
    assert save(assignment, block(assignment.case), client_key=slow).mask == newer


def test_whoever_never_heard_that_a_save_became_a_branch_is_told_with_the_next(assignment):
    lost = uuid.uuid4()
    first = save(assignment, block(assignment.case)).mask
    save(assignment, block(assignment.case, size=4), parent_id=first.pk)
    save(assignment, block(assignment.case, size=5), parent_id=first.pk, client_key=lost)
    assert save(assignment, block(assignment.case, size=6), parent_id=first.pk, includes=[lost]).branched


def test_a_damaged_file_is_noticed_when_it_is_read(assignment):
    mask = save(assignment, block(assignment.case)).mask
    default_storage.delete(mask.storage_key)
    default_storage.save(mask.storage_key, ContentFile(packed(block(assignment.case, size=4))))
    with pytest.raises(Conflict, match="damaged"):
        read_labelmap(mask)


def test_autosaves_write_no_audit_record_and_handing_in_freezes_the_hash(assignment):
    reading = hand_in(assignment, block(assignment.case))
    assert not AuditRecord.objects.filter(action="mask.save").exists()
    assert reading.mask_sha256 == reading.mask.sha256 == hashlib.sha256(block(assignment.case).tobytes()).hexdigest()
