"""The sealed test set and the folds: stratified, by patient, reproducible, refused where they cannot be made."""

from collections import Counter

import numpy as np
import pytest

from worker.compute.errors import InsufficientData
from worker.compute.splits import Split, make_split

PAPER = {"endometrial": 120, "ovarian": 45, "cervical": 94}


def paper_cohort() -> tuple[list[str], list[str], list[int]]:
    cancers = [name for name, n in PAPER.items() for _ in range(n)]
    return [f"P{i:03d}" for i in range(len(cancers))], cancers, [i % 2 for i in range(len(cancers))]


def test_nine_to_one_stratified_by_cancer_and_label() -> None:
    ids, cancers, labels = paper_cohort()
    split = make_split(ids, cancers, labels, seed=1)
    assert len(split.test_ids) == 26 and len(split.fold_by_id) == 233 and not split.warnings
    stratum = dict(zip(ids, zip(cancers, labels, strict=True), strict=True))
    for key, n in Counter(stratum.values()).items():
        assert abs(sum(stratum[i] == key for i in split.test_ids) - n / 10) < 1
    sizes = Counter(split.fold_by_id.values())
    assert sorted(sizes) == [0, 1, 2, 3, 4] and max(sizes.values()) - min(sizes.values()) <= 3


def test_every_patient_is_on_one_side_however_many_rows() -> None:
    ids, cancers, labels = paper_cohort()
    split = make_split(ids * 3, cancers * 3, labels * 3, seed=1)
    assert not set(split.test_ids) & set(split.fold_by_id)
    assert set(split.test_ids) | set(split.fold_by_id) == set(ids)


def test_the_seed_decides_and_the_order_of_rows_does_not() -> None:
    ids, cancers, labels = paper_cohort()
    first = make_split(ids, cancers, labels, seed=4)
    assert first == make_split(ids[::-1], cancers[::-1], labels[::-1], seed=4)
    assert first.test_ids != make_split(ids, cancers, labels, seed=5).test_ids
    assert Split.from_json(first.to_json()) == first


def test_small_strata_merge_into_their_label_and_say_so() -> None:
    cancers = ["endometrial"] * 34 + ["ovarian"] * 6
    split = make_split([f"P{i}" for i in range(40)], cancers, [i % 2 for i in range(40)], seed=0)
    assert len(split.warnings) == 1 and "ovarian × positive (n = 3)" in split.warnings[0]


def test_former_test_patients_are_never_trained_on() -> None:
    ids, cancers, labels = paper_cohort()
    forbidden = set(ids[:40])
    split = make_split(ids, cancers, labels, seed=2, forbidden_train_ids=forbidden)
    assert forbidden <= set(split.test_ids) and not forbidden & set(split.fold_by_id)
    assert any("40 were in a test set before" in sentence for sentence in split.warnings)


@pytest.mark.parametrize(
    ("labels", "words"),
    [
        ([0, 1], "need at least 6 of each"),
        ([1] * 30, "30 positive and 0 negative"),
        ([0, 1, None] * 8, "have no label"),
    ],
)
def test_what_cannot_be_split_is_refused_in_a_sentence(labels: list, words: str) -> None:
    with pytest.raises(InsufficientData, match=words):
        make_split([f"P{i}" for i in range(len(labels))], [""] * len(labels), labels, seed=0)


def test_a_training_part_emptied_by_former_test_patients_is_refused() -> None:
    ids = [f"P{i:02d}" for i in range(20)]
    with pytest.raises(InsufficientData, match="former test patients were set aside"):
        make_split(ids, [""] * 20, list(np.arange(20) % 2), seed=0, forbidden_train_ids=set(ids[:12]))
