"""A coordinator's word over the criteria for many patients at once: one transaction, one log entry and record each."""

from collections.abc import Iterable

from django.db import transaction
from django.utils import timezone

from backend.accounts.models import User
from backend.audit.services import audits_together, hold_chain, record_audit
from backend.cohorts.eligibility import evaluate_criteria
from backend.cohorts.models import Cohort, EligibilityDecision, Enrolment, Patient, PatientState
from backend.cohorts.protocol import ProtocolRules
from backend.cohorts.selectors import newest_clinical_records
from backend.cohorts.services import current_protocol
from backend.core.errors import InvalidInput

ROWS_AT_ONCE = 1000


@transaction.atomic
def include_by_override(*, cohort: Cohort, patients: Iterable[Patient], reason: str, actor: User) -> list[Patient]:
    """Includes those who are not included yet; who withdrew stays withdrawn. Returns the patients who changed.

    What the criteria say of each patient is kept beside the decision, as for one patient alone. Raises InvalidInput
    without a reason.
    """
    reason = reason.strip()
    if not reason:
        raise InvalidInput("Say why the criteria are overruled.")
    hold_chain()
    # In the order of their keys: two coordinators with overlapping patients wait and do not lock each other up.
    rows = Enrolment.objects.select_for_update(of=("self",)).filter(patient__in=patients, patient__cohort=cohort)
    enrolments = [
        row
        for row in rows.select_related("patient").order_by("pk")
        if row.state not in (PatientState.INCLUDED, PatientState.WITHDRAWN)
    ]
    before = {row.patient_id: row.state for row in enrolments}
    changed = [row.patient for row in enrolments]
    decisions = _decisions(cohort, changed, reason, actor)
    EligibilityDecision.objects.bulk_create(decisions, batch_size=ROWS_AT_ONCE)
    for row in enrolments:
        row.state, row.reason, row.updated_at = PatientState.INCLUDED, reason, timezone.now()
    Enrolment.objects.bulk_update(enrolments, ["state", "reason", "updated_at"], batch_size=ROWS_AT_ONCE)
    with audits_together():
        for decision in decisions:
            record_audit(
                action="eligibility.override",
                subject=decision.patient,
                actor=actor,
                cohort_uuid=cohort.pk,
                before={"state": before[decision.patient_id]},
                after={
                    "state": decision.state,
                    "criteria": {criterion["code"]: criterion["outcome"] for criterion in decision.criteria},
                },
                reason=reason,
            )
    return changed


def _decisions(cohort: Cohort, patients: list[Patient], reason: str, actor: User) -> list[EligibilityDecision]:
    protocol = current_protocol(cohort)
    rules = ProtocolRules.from_json(protocol.rules)
    records = newest_clinical_records(patients)
    return [
        EligibilityDecision(
            patient=patient,
            protocol=protocol,
            state=PatientState.INCLUDED,
            criteria=[criterion.to_json() for criterion in evaluate_criteria(records.get(patient.pk), rules)],
            is_override=True,
            reason=reason,
            decided_by=actor,
        )
        for patient in patients
    ]
