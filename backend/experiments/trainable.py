"""Whose data an analysis may touch: the one place that is asked before a job is queued, in it, and as it records.

Nobody who withdrew is in any analysis; nobody who was ever sealed in a test set is trained on, in whatever version.
"""

from collections.abc import Iterable

from backend.audit.services import hold_chain
from backend.cohorts.models import DatasetMember, DatasetVersion, Enrolment, PatientState
from backend.core.errors import Conflict


def analysable_members(dataset: DatasetVersion) -> list[DatasetMember]:
    """The members of a frozen dataset who have not withdrawn since, by pseudonym."""
    standing = dataset.members.filter(withdrawn_at__isnull=True)
    standing = standing.exclude(patient__enrolment__state=PatientState.WITHDRAWN)
    return list(standing.select_related("patient").order_by("patient__pseudonym"))


def trainable_members(dataset: DatasetVersion) -> list[DatasetMember]:
    """The same for training. Raises Conflict where a later version sealed somebody whom this one trains on."""
    require_trainable(dataset)
    return analysable_members(dataset)


def require_trainable(dataset: DatasetVersion) -> None:
    """Refuses to train on patients whom a later version sealed."""
    sealed = dataset.members.filter(fold__isnull=False, patient__ever_in_test_set=True).count()
    if sealed:
        raise Conflict(
            f"{dataset} would train on {sealed} patients sealed by a later version: train on the newest one."
        )


def require_still_trainable(dataset: DatasetVersion, members: Iterable[DatasetMember]) -> None:
    """For a recording transaction: ``members`` are those whom hours of training have used.

    A withdrawal writes to the audit chain before it commits; with the chain held here it was either before this look,
    which then sees it, or comes after what is recorded, and finds it. Raises Conflict.
    """
    hold_chain()
    require_trainable(dataset)
    patients = [member.patient_id for member in members]
    if Enrolment.objects.filter(patient__in=patients, state=PatientState.WITHDRAWN).exists():
        raise Conflict("A patient withdrew while this was trained, so nothing of it is kept: start it again.")
