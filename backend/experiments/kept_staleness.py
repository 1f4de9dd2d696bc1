"""The staleness of whole dataset versions, kept until something changes in the cohort.

A version is compared with what stands now patient by patient, which takes seconds for thousands of them, and the answer
is the same until the cohort's next audited change.
"""

from collections.abc import Iterable
from uuid import UUID

from django.core.cache import cache

from backend.audit.selectors import cohort_revision
from backend.cohorts.models import DatasetVersion
from backend.core.centre_limit import centre_limit
from backend.experiments.staleness import Result, Staleness, attach_staleness
from backend.features.models import FeatureSet

KEPT_S = 3600


def attach_kept_staleness(cohort_id: UUID, results: Iterable[Result]) -> None:
    """Like ``attach_staleness``, but versions whose answer is known at this revision are not compared again."""
    results = list(results)
    revision = cohort_revision(cohort_id)
    unknown = []
    for result in results:
        kept = None if isinstance(result, FeatureSet) else cache.get(_key(revision, result))
        if kept is None:
            unknown.append(result)
        else:
            result.staleness = Staleness(sentences=tuple(kept))
    attach_staleness(unknown)
    for result in unknown:
        if not isinstance(result, FeatureSet):
            cache.set(_key(revision, result), list(result.staleness.sentences), KEPT_S)


def _key(revision: int, result: Result) -> str:
    version = result.pk if isinstance(result, DatasetVersion) else getattr(result, "dataset_version_id", result.pk)
    return f"staleness:{revision}:{version}:{centre_limit()}"
