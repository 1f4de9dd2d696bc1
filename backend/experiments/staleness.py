"""What results do not know yet: a consensus that was reopened, another recipe. One question for every kind of result.

Nothing is stored: what a dataset version froze is compared with what stands now, so that no mark can be forgotten.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Max

from backend.annotations.models import Consensus, Reading, ReadingWithdrawal
from backend.cohorts.models import DatasetMember, DatasetVersion
from backend.experiments.models import Experiment, Figure, ModelVersion
from backend.features.models import FeatureSet
from backend.features.staleness import WORDS, Change, Standing, changes_of, standing_of, standing_of_sets

Result = FeatureSet | DatasetVersion | DatasetMember | Experiment | Figure | ModelVersion


@dataclass(frozen=True, kw_only=True)
class Staleness:
    """Sentences, the worst first; none where a result stands on what counts now."""

    sentences: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.sentences)


def staleness_of(result: Result) -> Staleness:
    """Of one result; ``attach_staleness`` is for many."""
    attach_staleness([result])
    return result.staleness


def attach_staleness(results: Iterable[Result]) -> None:
    """Gives every result of one cohort its ``staleness``, in a number of queries that does not grow with theirs."""
    results = [result for result in results if not hasattr(result, "staleness")]
    sets = [result for result in results if isinstance(result, FeatureSet)]
    members = [result for result in results if isinstance(result, DatasetMember)]
    others = [result for result in results if not isinstance(result, FeatureSet | DatasetMember)]
    versions = {result: _version_id(result) for result in others}
    found = _of_versions({pk for pk in versions.values() if pk})
    for result, pk in versions.items():
        result.staleness = found.get(pk, Staleness())
    _attach_to_sets(sets)
    for member, changes in _changes_by_member(members).items():
        member.staleness = Staleness(sentences=tuple(_sentence(WORDS[one.what][0], one.at) for one in changes))


def _version_id(result: Result) -> object:
    if isinstance(result, DatasetVersion):
        return result.pk
    return (result if isinstance(result, Experiment) else result.experiment).dataset_version_id


def _attach_to_sets(rows: list[FeatureSet]) -> None:
    if not rows:
        return
    standing = standing_of_sets(rows[0].case.patient.cohort, rows)
    for row in rows:
        changes = changes_of(row, standing)
        row.staleness = Staleness(sentences=tuple(_sentence(WORDS[one.what][0], one.at) for one in changes))


def _of_versions(versions: set) -> dict[object, Staleness]:
    members = (
        DatasetMember.objects.filter(dataset_version__in=versions)
        .select_related("dataset_version__cohort")
        .only("dataset_version__cohort", "case_uuid", "consensus_uuid", "feature_sets", "withdrawn_at")
    )
    changes: dict[object, list[list[Change]]] = defaultdict(list)
    for member, found in _changes_by_member(list(members)).items():
        changes[member.dataset_version_id].append(found)
    return {pk: _summed(found) for pk, found in changes.items()}


def _changes_by_member(members: list[DatasetMember]) -> dict[DatasetMember, list[Change]]:
    """What has happened since to the case of each, all of one cohort."""
    if not members:
        return {}
    frozen = {entry.get("id") for member in members for entry in member.feature_sets.values()}
    rows = FeatureSet.objects.filter(pk__in=[pk for pk in frozen if pk]).select_related("recipe")
    sets = {str(row.pk): row for row in rows.defer("values", "recipe__feature_names")}
    named = {member.consensus_uuid for member in members} | {row.consensus_id for row in sets.values()}
    standing = standing_of(members[0].dataset_version.cohort, {member.case_uuid for member in members}, named)
    return {member: _of_member(member, sets, standing) for member in members}


def _of_member(member: DatasetMember, sets: dict[str, FeatureSet], standing: Standing) -> list[Change]:
    """Each kind of change once per case, however many of its sources it concerns."""
    if member.withdrawn_at:
        return [Change(what="withdrawn", at=member.withdrawn_at)]
    found = {}
    of_consensus = standing.consensus_change(member.case_uuid, member.consensus_uuid)
    for entry in member.feature_sets.values():
        row = sets.get(str(entry.get("id")))
        found |= {change.what: change for change in (changes_of(row, standing) if row else [])}
    if of_consensus:
        found[of_consensus.what] = of_consensus
    return list(found.values())


def _summed(by_member: list[list[Change]]) -> Staleness:
    of_kind: dict[str, list[Change]] = defaultdict(list)
    for changes in by_member:
        for change in changes:
            of_kind[change.what].append(change)
    return Staleness(sentences=tuple(_of_kind(what, of_kind[what]) for what in WORDS if of_kind[what]))


def _of_kind(what: str, changes: list[Change]) -> str:
    last = max((change.at for change in changes if change.at), default=None)
    words = WORDS[what][1].format(n=len(changes)).replace("1 patients of", "1 patient of")
    return _sentence(
        words.replace("of 1 cases", "of 1 case").replace("for 1 cases", "for 1 case"),
        last,
    )


def _sentence(words: str, at: datetime | None) -> str:
    return f"{words} on {at:%Y-%m-%d}" if at else words


def agreement_is_old(found: Experiment | None) -> bool:
    """Whether a reading was handed in or withdrawn, or a consensus built, since the readers were compared."""
    if found is None:
        return False
    mine = {"case__patient__cohort": found.cohort}
    moments = [
        Reading.objects.filter(**mine).aggregate(last=Max("created_at")),
        ReadingWithdrawal.objects.filter(reading__case__patient__cohort=found.cohort).aggregate(last=Max("created_at")),
        Consensus.objects.filter(**mine, is_signed=False).aggregate(last=Max("created_at")),
    ]
    started = (found.job.started_at if found.job else None) or found.created_at
    return any(moment["last"] and moment["last"] > started for moment in moments)
