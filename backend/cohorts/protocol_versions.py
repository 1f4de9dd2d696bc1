"""Changing a protocol: a new version with a reason; every patient is evaluated under it."""

from django.db import transaction

from backend.accounts.models import User
from backend.audit.services import record_audit
from backend.cohorts.eligibility_log import evaluate_cohort
from backend.cohorts.models import Cohort, ProtocolVersion
from backend.cohorts.protocol import ProtocolRules
from backend.cohorts.services import current_protocol
from backend.core.errors import Conflict, InvalidInput


def new_protocol_version(*, cohort: Cohort, rules: ProtocolRules, reason: str, actor: User) -> ProtocolVersion:
    """The next version. Raises Conflict where nothing differs, InvalidInput without a reason."""
    if not reason.strip():
        raise InvalidInput("Say why the protocol changes.")
    with transaction.atomic():
        Cohort.objects.select_for_update().get(pk=cohort.pk)
        newest = current_protocol(cohort)
        # Through from_json: a version written before a rule existed has that rule's default.
        before, after = ProtocolRules.from_json(newest.rules).to_json(), rules.to_json()
        changed = [name for name in after if before[name] != after[name]]
        if not changed:
            raise Conflict("Nothing differs from the current version.")
        version = ProtocolVersion.objects.create(
            cohort=cohort, number=newest.number + 1, rules=after, reason=reason.strip(), created_by=actor
        )
        record_audit(
            action="protocol.change",
            subject=version,
            actor=actor,
            cohort_uuid=cohort.pk,
            before={name: before[name] for name in changed},
            after={name: after[name] for name in changed},
            reason=version.reason,
        )
        evaluate_cohort(cohort, actor=actor)
    return version
