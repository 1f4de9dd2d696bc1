"""One sealed test set and five folds, drawn by patient: stratified by cancer type and label (paper section 2.5)."""

from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from sklearn.model_selection import StratifiedKFold

from worker.compute.errors import InsufficientData

TEST_FRACTION = 0.1
"""Paper section 2.5: training and test 9:1."""

FOLDS = 5
"""Paper section 2.5: five-fold cross-validation inside the training part."""

Stratum = tuple[str, int]


@dataclass(frozen=True, kw_only=True)
class Split:
    """Which patients are sealed away and which fold each of the others is validated in.

    ``fold_by_id`` holds the training patients alone, with folds 0 … ``folds`` - 1. ``warnings`` are sentences.
    """

    test_ids: tuple[str, ...]
    fold_by_id: dict[str, int]
    folds: int
    seed: int
    warnings: tuple[str, ...] = ()

    @property
    def train_ids(self) -> tuple[str, ...]:
        return tuple(self.fold_by_id)

    def part_of(self, patient_id: str) -> str:
        """``test``, or ``train``; KeyError for a patient whom this split does not know."""
        if patient_id in self.test_ids:
            return "test"
        self.fold_by_id[patient_id]
        return "train"

    def to_json(self) -> dict:
        return {
            "test_ids": list(self.test_ids),
            "fold_by_id": dict(self.fold_by_id),
            "folds": self.folds,
            "seed": self.seed,
            "warnings": list(self.warnings),
        }

    @classmethod
    def from_json(cls, value: dict) -> "Split":
        return cls(
            test_ids=tuple(value["test_ids"]),
            fold_by_id={str(key): int(fold) for key, fold in value["fold_by_id"].items()},
            folds=int(value["folds"]),
            seed=int(value["seed"]),
            warnings=tuple(value.get("warnings", ())),
        )


def make_split(
    patient_ids: Sequence[str],
    cancer_types: Sequence[str],
    labels: Sequence[int | None],
    *,
    test_fraction: float = TEST_FRACTION,
    folds: int = FOLDS,
    seed: int,
    forbidden_train_ids: Collection[str] = frozenset(),
) -> Split:
    """Draws the sealed test set and the folds; rows of one patient always stay together.

    ``labels`` are 0 or 1, one per row. ``forbidden_train_ids`` were in a test set before and go to the test set again.
    The result depends on the patients and the seed, not on the order of the rows.

    Raises InsufficientData when a patient has no label, or a class has too few patients.
    """
    stratum_by_id = _patients(patient_ids, cancer_types, labels)
    _require_enough(stratum_by_id, folds)
    strata, warnings = _merge_small(stratum_by_id, folds + 1)
    forbidden = set(forbidden_train_ids) & strata.keys()
    rng = np.random.default_rng(seed)
    test_ids = _draw_test(strata, forbidden, test_fraction, rng)
    train = {patient: stratum for patient, stratum in strata.items() if patient not in test_ids}
    _require_training_part(train, folds, len(forbidden))
    quota = round(test_fraction * len(strata))
    if len(test_ids) > max(quota, 2) and forbidden:
        warnings.append(
            f"The test set holds {len(test_ids)} patients instead of {quota}: "
            f"{len(forbidden)} were in a test set before and may never be trained on."
        )
    return Split(
        test_ids=tuple(sorted(test_ids)),
        fold_by_id=_assign_folds(train, folds, seed),
        folds=folds,
        seed=seed,
        warnings=tuple(warnings),
    )


def _patients(
    patient_ids: Sequence[str], cancer_types: Sequence[str], labels: Sequence[int | None]
) -> dict[str, Stratum]:
    """Patient → (cancer type, label), sorted by id; a patient with several rows counts as positive if any row is."""
    unlabelled = sorted({p for p, label in zip(patient_ids, labels, strict=True) if label is None or label != label})
    if unlabelled:
        raise InsufficientData(
            f"{len(unlabelled)} of {len(set(patient_ids))} patients have no label ({', '.join(unlabelled[:3])}…): "
            "read their p53 or leave them out before the dataset is split."
        )
    positive: dict[str, int] = {}
    cancer: dict[str, str] = {}
    for patient, kind, label in zip(patient_ids, cancer_types, labels, strict=True):
        positive[patient] = max(positive.get(patient, 0), int(label or 0))
        cancer.setdefault(patient, kind)
    return {patient: (cancer[patient], positive[patient]) for patient in sorted(positive)}


def _require_enough(stratum_by_id: dict[str, Stratum], folds: int) -> None:
    needed = folds + 1
    counts = Counter(label for _, label in stratum_by_id.values())
    if min(counts[0], counts[1]) < needed:
        raise InsufficientData(
            f"There are {counts[1]} positive and {counts[0]} negative patients, but one test set and {folds} folds "
            f"need at least {needed} of each: add patients to the cohort."
        )


def _merge_small(stratum_by_id: dict[str, Stratum], minimum: int) -> tuple[dict[str, Stratum], list[str]]:
    """Strata below ``minimum`` patients become one stratum of their label, which the warning says."""
    counts = Counter(stratum_by_id.values())
    small = sorted(stratum for stratum, n in counts.items() if n < minimum)
    if not small:
        return stratum_by_id, []
    # One small stratum alone would still be too small: it takes the smallest other one of its label with it.
    merged = set(small)
    for label in {label for _, label in small}:
        others = sorted((n, stratum) for stratum, n in counts.items() if stratum[1] == label and stratum not in merged)
        if others and sum(counts[s] for s in merged if s[1] == label) < minimum:
            merged.add(others[0][1])
    words = ", ".join(
        f"{cancer or 'unknown cancer'} × {_label_word(label)} (n = {counts[cancer, label]})"
        for cancer, label in sorted(merged)
    )
    warning = f"Strata with fewer than {minimum} patients were merged into their label before the split: {words}."
    return {p: (("", s[1]) if s in merged else s) for p, s in stratum_by_id.items()}, [warning]


def _label_word(label: int) -> str:
    return "positive" if label else "negative"


def _draw_test(
    strata: dict[str, Stratum], forbidden: set[str], test_fraction: float, rng: np.random.Generator
) -> set[str]:
    """Forbidden patients first, then each stratum up to its share; at least one patient of each label."""
    members: dict[Stratum, list[str]] = defaultdict(list)
    for patient, stratum in strata.items():
        members[stratum].append(patient)
    shares = _largest_remainders(
        {s: len(m) * test_fraction for s, m in members.items()}, round(test_fraction * len(strata))
    )
    for label in (0, 1):
        if not any(shares[s] for s in shares if s[1] == label):
            shares[max((s for s in shares if s[1] == label), key=lambda s: len(members[s]))] = 1
    test: set[str] = set(forbidden)
    for stratum in sorted(members):
        free = [p for p in members[stratum] if p not in forbidden]
        already = len(members[stratum]) - len(free)
        order = rng.permutation(len(free))
        test.update(free[i] for i in order[: max(0, shares[stratum] - already)])
    return test


def _largest_remainders(exact: dict[Stratum, float], total: int) -> dict[Stratum, int]:
    """Whole numbers that sum to ``total`` and lie nearest to the exact shares."""
    shares = {stratum: int(value) for stratum, value in exact.items()}
    by_remainder = sorted(exact, key=lambda s: (shares[s] - exact[s], s))
    for stratum in by_remainder[: max(0, total - sum(shares.values()))]:
        shares[stratum] += 1
    return shares


def _require_training_part(train: dict[str, Stratum], folds: int, forbidden: int) -> None:
    counts = Counter(label for _, label in train.values())
    if min(counts[0], counts[1]) < folds:
        raise InsufficientData(
            f"The training part is left with {counts[1]} positive and {counts[0]} negative patients after {forbidden} "
            f"former test patients were set aside, but {folds} folds need {folds} of each: add patients to the cohort."
        )


def _assign_folds(train: dict[str, Stratum], folds: int, seed: int) -> dict[str, int]:
    """Stratified folds; strata that the test set left with fewer patients than folds count by their label."""
    counts = Counter(train.values())
    keys = [f"{s[0]}|{s[1]}" if counts[s] >= folds else f"|{s[1]}" for s in train.values()]
    short = {key for key, n in Counter(keys).items() if n < folds}
    if short:
        keys = [f"|{label}" for _, label in train.values()]
    splitter = StratifiedKFold(n_splits=folds, shuffle=True, random_state=seed)
    patients = list(train)
    fold_by_id = dict.fromkeys(patients, 0)
    for fold, (_, validation) in enumerate(splitter.split(np.zeros(len(keys)), keys)):
        fold_by_id.update({patients[i]: fold for i in validation})
    return fold_by_id
