"""What differs between two dataset versions, or between the last one and what would be frozen now.

Patients are compared by pseudonym, labels by value, masks and features by hash, recipes by hash, and the split by part.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from backend.cohorts.models import Cohort, DatasetMember, DatasetVersion
from backend.cohorts.protocol import ProtocolRules
from backend.cohorts.services import current_protocol
from backend.experiments.services.datasets import Candidate, Candidates
from backend.features.models import FeatureSet
from backend.pathology.selectors import rule_of

# What can differ of a patient who is in both, with its heading.
KINDS = {
    "label": "TP53 label",
    "cancer": "Cancer",
    "mask": "Mask",
    "recipe": "Recipe",
    "features": "Features",
    "clinical": "Clinical inputs",
    "part": "Part of the split",
}


@dataclass(frozen=True, kw_only=True)
class Snapshot:
    """A version as it is compared: settings by name, of each patient the facts by kind (a missing one is unknown)."""

    title: str
    settings: dict[str, str]
    patients: dict[str, dict[str, str]]


@dataclass(frozen=True, kw_only=True)
class Change:
    """One fact of one patient that differs."""

    pseudonym: str
    kind: str
    before: str
    after: str

    @property
    def title(self) -> str:
        return KINDS[self.kind]


@dataclass(frozen=True, kw_only=True)
class Difference:
    """``settings`` are (name, before, after); ``added`` and ``removed`` are pseudonyms."""

    before: str
    after: str
    settings: list[tuple[str, str, str]] = field(default_factory=list)
    added: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)

    @property
    def counts(self) -> list[tuple[str, int]]:
        """How much differs of each kind; kinds without a difference are left out."""
        found = [("Patients added", len(self.added)), ("Patients removed", len(self.removed))]
        found += [(title, sum(change.kind == kind for change in self.changes)) for kind, title in KINDS.items()]
        return [(title, count) for title, count in found if count]

    def __bool__(self) -> bool:
        return bool(self.settings or self.added or self.removed or self.changes)

    def rows(self) -> Iterable[list[str]]:
        """The whole difference as lines of a table: patient, what, before, after."""
        yield from (["", name, before, after] for name, before, after in self.settings)
        yield from ([name, "patient", "", "in"] for name in self.added)
        yield from ([name, "patient", "in", ""] for name in self.removed)
        yield from ([change.pseudonym, change.kind, change.before, change.after] for change in self.changes)


def difference(before: Snapshot, after: Snapshot) -> Difference:
    """What is unknown on either side (the part before a split is drawn) is not compared."""
    both = sorted(before.patients.keys() & after.patients.keys())
    changes = [
        Change(pseudonym=name, kind=kind, before=before.patients[name][kind], after=after.patients[name][kind])
        for name in both
        for kind in KINDS
        if kind in before.patients[name]
        and kind in after.patients[name]
        and before.patients[name][kind] != after.patients[name][kind]
    ]
    names = [name for name in before.settings if name in after.settings]
    return Difference(
        before=before.title,
        after=after.title,
        settings=[
            (name, before.settings[name], after.settings[name])
            for name in names
            if before.settings[name] != after.settings[name]
        ],
        added=sorted(after.patients.keys() - before.patients.keys()),
        removed=sorted(before.patients.keys() - after.patients.keys()),
        changes=changes,
    )


def snapshot_of_version(version: DatasetVersion) -> Snapshot:
    """A frozen version, in two queries."""
    members = list(version.members.select_related("patient"))
    recipes = _recipes_of(members)
    settings = {
        "Protocol": f"v{version.protocol.number}",
        "Label rule": _rule_text(version.label_rule),
        **{
            title: str(version.split_settings[name]) for name, title in _SPLIT.items() if name in version.split_settings
        },
    }
    return Snapshot(
        title=str(version),
        settings=settings,
        patients={member.patient.pseudonym: _frozen_facts(member, recipes) for member in members},
    )


_SPLIT = {"seed": "Seed of the split", "folds": "Folds", "test_fraction": "Share of the test set"}


def snapshot_of_candidates(cohort: Cohort, candidates: Candidates) -> Snapshot:
    """What would be frozen now; the parts are drawn only when it is."""
    protocol = current_protocol(cohort)
    rules = ProtocolRules.from_json(protocol.rules)
    settings = {
        "Protocol": f"v{protocol.number}",
        "Label rule": _rule_text(rule_of(rules).to_json()),
        "Seed of the split": str(rules.split_seed),
        "Folds": str(rules.folds),
        "Share of the test set": str(rules.test_fraction),
    }
    return Snapshot(
        title="now",
        settings=settings,
        patients={member.patient.pseudonym: _facts_now(member) for member in candidates.members},
    )


def _rule_text(rule: dict) -> str:
    return ", ".join(f"{name} {value}" for name, value in sorted(rule.items()))


def _facts(
    mutated: bool, cancer: str, mask_sha256: str, clinical: dict, sets: dict[str, tuple[str, str, str]]
) -> dict[str, str]:
    """``sets`` holds (hash of the values, reason, hash of the recipe) by source."""
    return {
        "label": "mutated" if mutated else "wild-type",
        "cancer": cancer,
        "mask": mask_sha256,
        "clinical": ", ".join(f"{name} {value}" for name, value in sorted(clinical.items()) if value is not None),
        "features": " ".join(f"{source}:{digest or reason}" for source, (digest, reason, _) in sorted(sets.items())),
        "recipe": " ".join(f"{source}:{recipe}" for source, (_, _, recipe) in sorted(sets.items())),
    }


def _frozen_facts(member: DatasetMember, recipes: dict[str, str]) -> dict[str, str]:
    if member.tp53_mutated is None:
        # Withdrawn since: the values are erased, and only that the patient was in is compared.
        return {}
    sets = {
        source: (found.get("sha256", ""), found.get("reason", ""), found.get("recipe") or recipes.get(found["id"], ""))
        for source, found in member.feature_sets.items()
    }
    facts = _facts(member.tp53_mutated, member.cancer_type, member.mask_sha256, member.clinical, sets)
    return {**facts, "part": "test" if member.fold is None else f"fold {member.fold + 1}"}


def _facts_now(member: Candidate) -> dict[str, str]:
    sets = {source: (row.sha256, row.reason, row.recipe.sha256) for source, row in member.feature_sets.items()}
    return _facts(member.label.mutated, member.cancer_type, member.mask_sha256, member.clinical, sets)


def _recipes_of(members: list[DatasetMember]) -> dict[str, str]:
    """For versions that were frozen before the recipe was kept with each set."""
    unknown = {s["id"] for m in members for s in m.feature_sets.values() if "id" in s and not s.get("recipe")}
    rows = FeatureSet.objects.filter(pk__in=unknown).values_list("pk", "recipe__sha256") if unknown else []
    return {str(pk): digest for pk, digest in rows}
