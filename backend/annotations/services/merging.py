"""Two versions of one reading: compared lesion by lesion, and made into one revision that names both as its parents."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from django.db import transaction

from backend.accounts.models import User
from backend.annotations.models import Assignment, Mask, MaskSource
from backend.annotations.services.drawing import kept_liver, lock_open_assignment, revision_of
from backend.annotations.services.masks import read_labelmap, record_mask, store_labelmap
from backend.core.errors import Conflict, InvalidInput

TAKES = ("first", "second", "union", "none")
_LABELS = range(1, 256)


@dataclass(frozen=True, kw_only=True)
class LesionPair:
    """A lesion of the first version and what became of the same lesion in the second; one may be missing."""

    first: dict | None
    second: dict | None
    first_voxels: int
    second_voxels: int
    is_same: bool

    @property
    def key(self) -> str:
        """``label in the first-label in the second``; 0 where there is none."""
        return "-".join(str(lesion["label"] if lesion else 0) for lesion in (self.first, self.second))


def compare_versions(first: Mask, second: Mask) -> list[LesionPair]:
    """The lesions of both. A label is one lesion in both if it was one where they parted, or if it has one name."""
    drawn = _drawn(first), _drawn(second)
    pairs = _pairs(first, second)
    return [_pair(mine, theirs, *drawn) for mine, theirs in pairs]


def merge_versions(
    *, assignment: Assignment, actor: User, first_id: uuid.UUID, second_id: uuid.UUID, takes: Mapping[str, str]
) -> Mask:
    """Makes one revision of two: ``takes`` says for each pair's key first, second, union or none (first if not named).

    A voxel that both versions give to different lesions stays with the lesion that comes first in the list. Raises
    InvalidInput for choices that are none, and Conflict where one of the two was drawn on or merged since.
    """
    unknown = sorted(set(takes.values()) - set(TAKES))
    if unknown:
        raise InvalidInput(f"Each lesion is taken as one of: {', '.join(TAKES)}.")
    first, second = revision_of(assignment, first_id), revision_of(assignment, second_id)
    if first is None or second is None or first == second:
        raise InvalidInput("Choose two different versions of this reading.")
    labels, lesions = _merged(first, second, takes)
    file = store_labelmap(assignment.case, labels.tobytes(), grid="pet")
    with transaction.atomic():
        lock_open_assignment(assignment)
        if first.is_drawn_on or second.is_drawn_on:
            raise Conflict("One of the two versions was drawn on in the meantime: open Versions again.")
        return record_mask(
            case=assignment.case,
            target=assignment.target,
            source=MaskSource.DRAWN,
            file=file,
            lesions=lesions,
            assignment=assignment,
            author=actor,
            parent=first,
            merged=second,
            proposal=first.proposal or second.proposal,
            provenance={"takes": dict(takes), **kept_liver(first, second)},
        )


def _drawn(mask: Mask) -> np.ndarray:
    return np.frombuffer(read_labelmap(mask), np.uint8)


def _pairs(first: Mask, second: Mask) -> list[tuple[dict | None, dict | None]]:
    theirs = {lesion["label"]: lesion for lesion in second.lesions}
    shared = _labels_where_they_parted(first, second)
    pairs: list[tuple[dict | None, dict | None]] = []
    for lesion in first.lesions:
        other = theirs.get(lesion["label"])
        one = other is not None and (lesion["label"] in shared or other["name"] == lesion["name"])
        pairs.append((lesion, theirs.pop(lesion["label"]) if one else None))
    return pairs + [(None, lesion) for lesion in theirs.values()]


def _labels_where_they_parted(first: Mask, second: Mask) -> set[int]:
    """The labels of the newest revision that both come from."""
    rows = Mask.objects.filter(assignment=first.assignment_id).values_list(
        "pk", "parent", "merged", "number", "lesions"
    )
    by_id = {pk: (parents, number, lesions) for pk, *parents, number, lesions in rows}
    common = _ancestors(first.pk, by_id) & _ancestors(second.pk, by_id)
    if not common:
        return set()
    newest = max(common, key=lambda pk: by_id[pk][1])
    return {lesion["label"] for lesion in by_id[newest][2]}


def _ancestors(start: uuid.UUID, by_id: dict) -> set[uuid.UUID]:
    found, waiting = set(), [start]
    while waiting:
        one = waiting.pop()
        if one in by_id and one not in found:
            found.add(one)
            waiting += by_id[one][0]
    return found


def _pair(mine: dict | None, theirs: dict | None, first: np.ndarray, second: np.ndarray) -> LesionPair:
    ours, others = _where(first, mine), _where(second, theirs)
    return LesionPair(
        first=mine,
        second=theirs,
        first_voxels=int(np.count_nonzero(ours)),
        second_voxels=int(np.count_nonzero(others)),
        is_same=mine == theirs and np.array_equal(ours, others),
    )


def _where(labels: np.ndarray, lesion: dict | None) -> np.ndarray:
    return labels == lesion["label"] if lesion else np.zeros(labels.shape, bool)


def _merged(first: Mask, second: Mask, takes: Mapping[str, str]) -> tuple[np.ndarray, list[dict]]:
    ours, others = _drawn(first), _drawn(second)
    result, lesions = np.zeros_like(ours), []
    pairs = _pairs(first, second)
    kept = {mine["label"] for mine, _ in pairs if mine}
    for mine, theirs in pairs:
        pair = LesionPair(first=mine, second=theirs, first_voxels=0, second_voxels=0, is_same=False)
        take = takes.get(pair.key, "first" if mine else "second")
        chosen = {"first": mine, "second": theirs, "union": mine or theirs, "none": None}[take]
        if chosen is None:
            continue
        where = np.zeros(ours.shape, bool)
        if take in ("first", "union"):
            where |= _where(ours, mine)
        if take in ("second", "union"):
            where |= _where(others, theirs)
        label = mine["label"] if mine else _free_label(chosen["label"], kept)
        kept.add(label)
        result[where & (result == 0)] = label
        lesions.append({**chosen, "label": label})
    return result, lesions


def _free_label(wanted: int, taken: set[int]) -> int:
    if wanted not in taken:
        return wanted
    free = next((label for label in _LABELS if label not in taken), None)
    if free is None:
        raise InvalidInput("Both versions together have more than 255 lesions: take fewer.")
    return free
