"""Who looked at the results on a sealed test set, when and where: counted by the server on every way out.

A look is an audit record of the dataset version, so that it cannot be taken back. Looking again at the same experiment
within ten minutes is the same look (a page fetches its figures); a file is a look each time.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.db.models import Count, Max, QuerySet
from django.utils import timezone

from backend.accounts.models import User
from backend.audit.models import AuditRecord
from backend.audit.services import record_audit
from backend.cohorts.models import DatasetVersion
from backend.experiments.models import Experiment, ExperimentKind

ACTION = "sealed_test.look"
SAME_LOOK = timedelta(minutes=10)
PAGE, API, EXPORT, FIGURE = "page", "API", "export", "figure"
# These hold what models made of the sealed patients; a summary or a volcano plot does not.
KINDS_WITH_TEST_RESULTS = frozenset({ExperimentKind.CLASSIFICATION, ExperimentKind.CLUSTERING})


@dataclass(frozen=True, kw_only=True)
class Looks:
    """How many times, by how many people, and when last; nobody has looked where ``count`` is 0."""

    count: int = 0
    people: int = 0
    last_at: object = None


def record_look(user: User, experiment: Experiment | None, channel: str, *, detail: str = "") -> None:
    """Counts a look at the test results of an experiment; experiments without any are passed over."""
    if experiment is None or experiment.kind not in KINDS_WITH_TEST_RESULTS or experiment.dataset_version_id is None:
        return
    version = experiment.dataset_version
    if channel != EXPORT and _seen_just_now(user, version, experiment):
        return
    record_audit(
        action=ACTION,
        subject=version,
        actor=user,
        cohort_uuid=experiment.cohort_id,
        after={"channel": channel, "experiment": str(experiment.pk), **({"what": detail} if detail else {})},
    )


def _seen_just_now(user: User, version: DatasetVersion, experiment: Experiment) -> bool:
    recent = looks_at(version).filter(actor=user, at__gte=timezone.now() - SAME_LOOK)
    return recent.filter(after__experiment=str(experiment.pk)).exists()


def looks_at(version: DatasetVersion) -> QuerySet[AuditRecord]:
    """Every look at a version's test results, newest first."""
    return AuditRecord.objects.filter(action=ACTION, object_id=str(version.pk)).select_related("actor").order_by("-id")


def looks_by_version(versions: Iterable[DatasetVersion]) -> dict[UUID, Looks]:
    """The count of each version, in one query."""
    keys = {str(version.pk): version.pk for version in versions}
    rows = AuditRecord.objects.filter(action=ACTION, object_id__in=keys).order_by().values("object_id")
    counted = rows.annotate(count=Count("pk"), people=Count("actor", distinct=True), last_at=Max("at"))
    found = {
        keys[row["object_id"]]: Looks(count=row["count"], people=row["people"], last_at=row["last_at"])
        for row in counted
    }
    return {pk: found.get(pk, Looks()) for pk in keys.values()}
