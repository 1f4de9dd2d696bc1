"""What a freeze would do and how versions differ, for their pages; kept until something changes in the cohort."""

from django.core.cache import cache
from django.http import QueryDict

from backend.audit.selectors import cohort_revision
from backend.cohorts.models import Cohort, DatasetVersion
from backend.core.centre_limit import centre_limit
from backend.core.errors import NotFound
from backend.dashboards.selectors.datasets import strata
from backend.experiments.services.comparing import (
    Difference,
    difference,
    snapshot_of_candidates,
    snapshot_of_version,
)
from backend.experiments.services.datasets import collect_candidates

MOST_SHOWN = 200
NOW = "now"
_KEPT_S = 3600


def kept_preview(cohort: Cohort) -> dict:
    """Everything of the page that is worked out patient by patient: seconds for thousands, so once per revision."""
    # Who is limited to a centre sees that one alone.
    key = f"freeze:{cohort.pk}:{cohort_revision(cohort.pk)}:{centre_limit()}"
    found = cache.get(key)
    if found is None:
        found = _preview(cohort)
        cache.set(key, found, _KEPT_S)
    return found


def _preview(cohort: Cohort) -> dict:
    candidates = collect_candidates(cohort)
    last = cohort.dataset_versions.select_related("protocol").order_by("-number").first()
    found = difference(snapshot_of_version(last), snapshot_of_candidates(cohort, candidates)) if last else None
    return {
        "ready_count": len(candidates.members),
        "strata": strata(candidates),
        "both_states": len({member.label.mutated for member in candidates.members}) == 2,
        "left_out_count": len(candidates.excluded),
        "left_out": [(patient.pseudonym, reason) for patient, reason in candidates.excluded[:MOST_SHOWN]],
        "sentences": candidates.sentences(),
        "sealed_count": sum(member.patient.ever_in_test_set for member in candidates.members),
        "difference": found,
    }


def chosen_versions(
    versions: list[DatasetVersion], query: QueryDict
) -> tuple[DatasetVersion, DatasetVersion | None] | None:
    """(before, after) of the address, after None for now; the last two where none is named, None where there is one.

    Raises NotFound for a version that is not there.
    """
    by_number = {str(version.number): version for version in versions}
    before, after = query.get("before"), query.get("after")
    if not before and not after:
        return (versions[1], versions[0]) if len(versions) > 1 else (versions[0], None) if versions else None
    if before not in by_number or (after != NOW and after not in by_number):
        raise NotFound("There is no such dataset version in this cohort.")
    return by_number[before], None if after == NOW else by_number[after]


def difference_of(cohort: Cohort, before: DatasetVersion, after: DatasetVersion | None) -> Difference:
    """Two frozen versions never change; what would be frozen now is worked out each time."""
    now = snapshot_of_candidates(cohort, collect_candidates(cohort)) if after is None else snapshot_of_version(after)
    return difference(snapshot_of_version(before), now)
