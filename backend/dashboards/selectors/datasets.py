"""Frozen datasets as their pages show them."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet

from backend.cohorts.models import CancerType, Cohort, DatasetMember, DatasetVersion
from backend.core.errors import NotFound
from backend.experiments.services.datasets import Candidates
from backend.features.models import Source


@dataclass(frozen=True, kw_only=True)
class MemberRow:
    """A member with its four sources in the paper's order: the frozen set's hash, a reason, or nothing at all."""

    member: DatasetMember
    sources: list[tuple[str, dict]]


def dataset_versions(cohort: Cohort) -> QuerySet[DatasetVersion]:
    """All versions with their sizes, newest first."""
    rows = DatasetVersion.objects.filter(cohort=cohort).select_related("protocol", "frozen_by").order_by("-number")
    return rows.annotate(
        patient_count=Count("members"),
        test_count=Count("members", filter=Q(members__fold__isnull=True)),
        training_count=Count("members", filter=Q(members__fold__isnull=False)),
        mutated_count=Count("members", filter=Q(members__tp53_mutated=True)),
    )


def dataset_of(cohort: Cohort, number: int) -> DatasetVersion:
    """The version of this number. Raises NotFound."""
    version = dataset_versions(cohort).filter(number=number).first()
    if version is None:
        raise NotFound("There is no dataset of this number in this cohort.")
    return version


def members_of(version: DatasetVersion) -> QuerySet[DatasetMember]:
    return version.members.select_related("patient__centre").order_by("patient__pseudonym")


def member_rows(members: Iterable[DatasetMember]) -> list[MemberRow]:
    """Each source under the key of its column."""
    return [
        MemberRow(member=m, sources=[(f"{source}_sha256", m.feature_sets.get(source, {})) for source in Source.values])
        for m in members
    ]


def strata(candidates: Candidates) -> list[dict]:
    """Ready patients by cancer type: wild-type, mutated and all."""
    counts = Counter((member.cancer_type, member.label.mutated) for member in candidates.members)
    rows = [
        {"title": cancer.label, "wild_type": counts[(cancer, False)], "mutated": counts[(cancer, True)]}
        for cancer in CancerType
    ]
    rows.append({"title": "All", **{key: sum(row[key] for row in rows) for key in ("wild_type", "mutated")}})
    return [{**row, "all": row["wild_type"] + row["mutated"]} for row in rows]
