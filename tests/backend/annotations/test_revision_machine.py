"""Readers save, branch, merge, hand in, are unlocked and bring back, in any order and at once, on real PostgreSQL.

Whatever the order: no confirmed revision is lost or changed, the newest confirmed one is what is read back, and nobody
who has still to read gets anything of another reader on any route.
"""

import hashlib
import json
import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cached_property
from threading import Barrier

import numpy as np
import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from backend.annotations.models import Assignment, Mask, Reading
from backend.annotations.selectors import newest_revision, revisions_of
from backend.annotations.services.drawing import save_mask
from backend.annotations.services.masks import read_labelmap
from backend.annotations.services.merging import TAKES, merge_versions
from backend.annotations.services.restoring import restore_revision
from backend.annotations.services.submission import submit_reading
from backend.annotations.services.unlocking import unlock_reading
from backend.cohorts.models import Role
from backend.core.errors import Conflict, InvalidInput
from tests.factories.edits import edit_between
from tests.factories.people import make_cohort, make_member
from tests.factories.voxel_cases import TUMOUR, make_assignment, make_voxel_case

READERS, WINDOWS = 3, 2
SHAPE_ZYX = (24, 32, 32)
WHO, WINDOW = st.integers(0, READERS - 1), st.integers(0, WINDOWS - 1)


@dataclass
class Window:
    """One open page of a reader: the revision that it drew on last, and what it shows."""

    head: uuid.UUID | None = None
    labels: np.ndarray = field(default_factory=lambda: np.zeros(SHAPE_ZYX, np.uint8))


@dataclass
class Desk:
    """A reader with two windows, and what the server confirmed: revision → digest, oldest first."""

    assignment: Assignment
    windows: list[Window] = field(default_factory=lambda: [Window() for _ in range(WINDOWS)])
    confirmed: dict[uuid.UUID, str] = field(default_factory=dict)
    reading: Reading | None = None

    def confirm(self, mask: Mask, labels: np.ndarray) -> None:
        self.confirmed[mask.pk] = hashlib.sha256(labels.tobytes()).hexdigest()
        assert mask.sha256 == self.confirmed[mask.pk]

    @cached_property
    def client(self) -> Client:
        client = Client(headers={"Accept": "application/json"})
        client.force_login(self.assignment.reader, backend="django.contrib.auth.backends.ModelBackend")
        return client

    @property
    def newest(self) -> uuid.UUID | None:
        return next(reversed(self.confirmed), None)


class ReadingRoom(RuleBasedStateMachine):
    @initialize()
    def open_the_room(self):
        cohort = make_cohort()
        case = make_voxel_case(cohort)
        # The third reader holds every other role too: blinding must beat them all.
        roles = [(Role.READER,), (Role.READER,), tuple(Role.values)]
        self.desks = [Desk(make_assignment(case, make_member(cohort, *held))) for held in roles]
        self.coordinator = make_member(cohort, Role.COORDINATOR)
        self.slug = cohort.slug

    def _save(self, desk: Desk, window: Window, labels: np.ndarray, key: uuid.UUID) -> Mask:
        saved = save_mask(
            assignment=Assignment.objects.select_related("case__patient", "case__pet").get(pk=desk.assignment.pk),
            actor=desk.assignment.reader,
            parent_id=window.head,
            lesions=TUMOUR,
            edit=edit_between(window.labels, labels),
            client_key=key,
        )
        return saved.mask

    @rule(who=WHO, at=WINDOW, place=st.integers(0, 20), erases=st.booleans(), twice=st.booleans())
    def stroke(self, who, at, place, erases, twice):
        desk = self.desks[who]
        window, key = desk.windows[at], uuid.uuid4()
        labels = dabbed(window.labels, place, erases)
        if desk.reading:
            with pytest.raises(Conflict, match="handed in"):
                self._save(desk, window, labels, key)
            return
        had_successor = Mask.objects.filter(assignment=desk.assignment, parent=window.head).exists()
        mask = self._save(desk, window, labels, key)
        if twice:
            assert self._save(desk, window, labels, key) == mask, "an answer that was lost makes no second revision"
        assert mask.parent_id == window.head and (mask.is_branch or not had_successor)
        desk.confirm(mask, labels)
        window.head, window.labels = mask.pk, labels

    @precondition(lambda self: any(desk.reading is None for desk in self.desks))
    @rule(place=st.integers(0, 20))
    def everybody_at_once(self, place):
        """All windows of all readers that still read save in the same moment."""
        pages = [(desk, window) for desk in self.desks if not desk.reading for window in desk.windows]
        together = Barrier(len(pages))

        def save(number: int) -> tuple[Mask, np.ndarray]:
            desk, window = pages[number]
            labels = dabbed(window.labels, (place + number) % 21, False)
            try:
                together.wait()
                return self._save(desk, window, labels, uuid.uuid4()), labels
            finally:
                connection.close()

        with ThreadPoolExecutor(len(pages)) as pool:
            saved = list(pool.map(save, range(len(pages))))
        order = sorted(range(len(pages)), key=lambda number: saved[number][0].number)
        for number in order:
            (desk, window), (mask, labels) = pages[number], saved[number]
            desk.confirm(mask, labels)
            window.head, window.labels = mask.pk, labels

    @rule(who=WHO, take=st.sampled_from(TAKES))
    def merge(self, who, take):
        desk = self.desks[who]
        tips = list(revisions_of(desk.assignment).filter(is_tip=True)[:2])
        if len(tips) < 2 or desk.reading:
            return
        first, second = tips
        mask = merge_versions(
            assignment=desk.assignment,
            actor=desk.assignment.reader,
            first_id=first.pk,
            second_id=second.pk,
            takes={"1-1": take},
        )
        ours, theirs = voxels_of(first), voxels_of(second)
        wanted = {"first": ours, "second": theirs, "union": ours | theirs, "none": ours * 0}[take]
        assert (mask.parent_id, mask.merged_id) == (first.pk, second.pk)
        desk.confirm(mask, wanted)
        desk.windows[0] = Window(mask.pk, wanted)

    @precondition(lambda self: any(desk.confirmed for desk in self.desks))
    @rule(who=WHO, data=st.data())
    def bring_back(self, who, data):
        desk = self.desks[who]
        if not desk.confirmed or desk.reading:
            return
        wanted = data.draw(st.sampled_from(list(desk.confirmed)))
        mask = restore_revision(
            assignment=desk.assignment, actor=desk.assignment.reader, revision_id=wanted, parent_id=self._tip(desk)
        )
        labels = voxels_of(Mask.objects.get(pk=wanted))
        desk.confirm(mask, labels)
        desk.windows[0] = Window(mask.pk, labels)

    def _tip(self, desk: Desk) -> uuid.UUID:
        return revisions_of(desk.assignment).filter(is_tip=True).first().pk

    @rule(who=WHO, at=WINDOW)
    def load_again(self, who, at):
        """What a page is shown is the newest confirmed revision, voxel for voxel."""
        desk = self.desks[who]
        shown = self._get(desk, "annotations:manifest", assignment_id=desk.assignment.pk).json()["revision"]
        if desk.newest is None:
            assert shown is None
            return
        assert shown["id"] == str(desk.newest)
        labels = voxels_of(Mask.objects.get(pk=desk.newest))
        assert hashlib.sha256(labels.tobytes()).hexdigest() == desk.confirmed[desk.newest]
        desk.windows[at] = Window(desk.newest, labels)

    @rule(who=WHO, at=WINDOW)
    def hand_in(self, who, at):
        desk, window = self.desks[who], self.desks[who].windows[at]
        mask = Mask.objects.filter(pk=window.head).first()
        followed = mask and (mask.children.exists() or mask.merged_into.exists())
        submit = {
            "assignment": desk.assignment,
            "actor": desk.assignment.reader,
            "revision_id": window.head,
            "outcome": "lesions",
        }
        if desk.reading or mask is None or not mask.voxel_count or followed:
            with pytest.raises((Conflict, InvalidInput)):
                submit_reading(**submit)
            return
        desk.reading = submit_reading(**submit)
        assert desk.reading.mask_sha256 == desk.confirmed[window.head]

    @rule(who=WHO)
    def unlock(self, who):
        desk = self.desks[who]
        if desk.reading:
            unlock_reading(reading=desk.reading, actor=self.coordinator, reason="Another look")
            desk.reading = None

    @rule(who=WHO)
    def ask_for_what_is_others(self, who):
        self._leaks_nothing(self.desks[who])

    @invariant()
    def the_newest_confirmed_revision_is_the_newest(self):
        for desk in getattr(self, "desks", []):
            mask = newest_revision(desk.assignment)
            assert (mask and mask.pk) == desk.newest
            assert Mask.objects.filter(assignment=desk.assignment).count() == len(desk.confirmed)
            assert desk.assignment.readings.standing().count() == int(desk.reading is not None)

    def teardown(self):
        for desk in getattr(self, "desks", []):
            masks = Mask.objects.in_bulk(list(desk.confirmed))
            kept = {pk: hashlib.sha256(read_labelmap(mask)).hexdigest() for pk, mask in masks.items()}
            assert kept == desk.confirmed, "no revision was lost or changed"
            self._leaks_nothing(desk)

    def _leaks_nothing(self, asker: Desk) -> None:
        for other in self.desks:
            if other is asker or not other.confirmed:
                continue
            for name in ("annotations:manifest", "annotations:save", "annotations:view"):
                assert self._get(asker, name, assignment_id=other.assignment.pk).status_code == 404
            standing = other.reading.mask_id if other.reading and asker.reading else None
            for pk in {other.newest, next(iter(other.confirmed))} - {standing}:
                for name in ("annotations:labelmap", "api:mask_labelmap", "api:mask_detail"):
                    assert self._get(asker, name, mask_id=pk).status_code in (403, 404)
            if asker.reading is None:
                self._lists_hide(asker, other)

    def _lists_hide(self, asker: Desk, other: Desk) -> None:
        case_id = asker.assignment.case_id
        names = [("api:mask_list", {}), ("api:reading_list", {}), ("cases:detail", {"case_id": case_id})]
        for name, values in names:
            answer = self._get(asker, name, **values)
            said = json.dumps(answer.json()) if name.startswith("api") else answer.content.decode()
            found = [
                *other.confirmed,
                *Reading.objects.filter(assignment=other.assignment).values_list("pk", flat=True),
            ]
            assert answer.status_code == 403 or not any(str(pk) in said for pk in found)

    def _get(self, desk: Desk, name: str, **values):
        return desk.client.get(reverse(name, kwargs={"slug": self.slug, **values}))


def dabbed(labels: np.ndarray, place: int, erases: bool) -> np.ndarray:
    drawn = labels.copy()
    drawn[place : place + 3, 8 : 11 + place % 4, 10:14] = 0 if erases else 1
    return drawn


def voxels_of(mask: Mask) -> np.ndarray:
    return np.frombuffer(read_labelmap(mask), np.uint8).reshape(SHAPE_ZYX)


@pytest.mark.django_db(transaction=True)
def test_no_order_of_saving_branching_merging_handing_in_and_unlocking_loses_or_shows_anything():
    run_state_machine_as_test(
        ReadingRoom,
        settings=settings(
            max_examples=5,
            stateful_step_count=18,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
