"""Keeping a patient's state true: the criteria decide, a coordinator may overrule them with a reason, all is logged."""

from collections.abc import Iterable

from django.db import transaction

from backend.accounts.models import User
from backend.audit.services import record_audit
from backend.cohorts.eligibility import CriterionResult, evaluate_criteria, state_of
from backend.cohorts.modalities import modalities_of
from backend.cohorts.models import Cohort, EligibilityDecision, Enrolment, Patient, PatientState, ProtocolVersion
from backend.cohorts.protocol import ProtocolRules
from backend.cohorts.selectors import newest_clinical_records, newest_decisions
from backend.cohorts.services import current_protocol
from backend.core.errors import Conflict, InvalidInput

OVERRIDE_STATES = (PatientState.INCLUDED, PatientState.EXCLUDED, PatientState.SCREENED)


def evaluate_patients(cohort: Cohort, patients: Iterable[Patient], *, actor: User | None = None) -> int:
    """Evaluates the criteria of these patients and logs what changed; returns how many decisions were added."""
    protocol = current_protocol(cohort)
    rules = ProtocolRules.from_json(protocol.rules)
    patients = list(patients)
    records, decisions = newest_clinical_records(patients), newest_decisions(patients)
    modalities = modalities_of(patients) if "images" in rules.criteria else {}
    enrolments = {row.patient_id: row for row in Enrolment.objects.filter(patient__in=patients)}
    added = 0
    with transaction.atomic():
        for patient in patients:
            if enrolments[patient.pk].state == PatientState.WITHDRAWN:
                continue
            images = modalities.get(patient.pk, frozenset())
            criteria = evaluate_criteria(records.get(patient.pk), rules, images)
            state = state_of(criteria, rules, was=enrolments[patient.pk].state)
            added += _log_if_changed(patient, protocol, criteria, decisions.get(patient.pk), actor, state)
    return added


def evaluate_cohort(cohort: Cohort, *, actor: User | None = None) -> int:
    """Evaluates everybody, after the protocol changed."""
    return evaluate_patients(cohort, Patient.objects.filter(cohort=cohort), actor=actor)


def override_eligibility(*, patient: Patient, state: str, reason: str, actor: User) -> EligibilityDecision:
    """A coordinator's word over the criteria. Raises InvalidInput without a reason, Conflict after a withdrawal."""
    if state not in OVERRIDE_STATES:
        raise InvalidInput("A patient can be set to included, excluded or screened.")
    if not reason.strip():
        raise InvalidInput("Say why the criteria are overruled.")
    _refuse_withdrawn(patient)
    protocol, criteria = _criteria_now(patient)
    return _decide(patient, protocol, criteria, state=state, reason=reason.strip(), actor=actor, is_override=True)


def lift_override(*, patient: Patient, reason: str, actor: User) -> EligibilityDecision:
    """Lets the criteria decide again."""
    newest = newest_decisions([patient]).get(patient.pk)
    if newest is None or not newest.is_override:
        raise Conflict("The criteria decide already: nothing overrules them for this patient.")
    _refuse_withdrawn(patient)
    protocol, criteria = _criteria_now(patient)
    return _decide(
        patient, protocol, criteria, state=_state_now(protocol, criteria), reason=reason.strip(), actor=actor
    )


def _refuse_withdrawn(patient: Patient) -> None:
    if Enrolment.objects.filter(patient=patient, state=PatientState.WITHDRAWN).exists():
        raise Conflict("The patient withdrew from the study; the state stays.")


def _criteria_now(patient: Patient) -> tuple[ProtocolVersion, list[CriterionResult]]:
    protocol = current_protocol(patient.cohort)
    record = newest_clinical_records([patient]).get(patient.pk)
    images = modalities_of([patient]).get(patient.pk, frozenset())
    return protocol, evaluate_criteria(record, ProtocolRules.from_json(protocol.rules), images)


def _state_now(protocol: ProtocolVersion, criteria: list[CriterionResult]) -> str:
    return state_of(criteria, ProtocolRules.from_json(protocol.rules))


def include_patients(patients: Iterable[Patient], *, reason: str, actor: User) -> int:
    """A coordinator includes patients who are eligible; returns how many.

    Raises Conflict, naming one, where a patient of them does not meet every criterion: that takes an override.
    """
    if not reason.strip():
        raise InvalidInput("Say why they are included: the reason is kept with the decision.")
    with transaction.atomic():
        patients = list(patients)
        states = Enrolment.objects.select_for_update().filter(patient__in=patients).order_by("patient_id")
        by_patient = {row.patient_id: row.state for row in states}
        for patient in patients:
            if by_patient[patient.pk] != PatientState.ELIGIBLE:
                state = PatientState(by_patient[patient.pk]).label.lower()
                raise Conflict(f"{patient.pseudonym} is {state}, not eligible: only who is eligible can be included.")
            protocol, criteria = _criteria_now(patient)
            _decide(patient, protocol, criteria, state=PatientState.INCLUDED, reason=reason.strip(), actor=actor)
    return len(patients)


def _log_if_changed(
    patient: Patient,
    protocol: ProtocolVersion,
    criteria: list[CriterionResult],
    newest: EligibilityDecision | None,
    actor: User | None,
    found: str,
) -> bool:
    """An override keeps its state; the criteria beneath it are logged all the same."""
    overrides = newest is not None and newest.is_override
    state = newest.state if overrides else found
    if newest and newest.state == state and newest.criteria == [criterion.to_json() for criterion in criteria]:
        return False
    reason = newest.reason if overrides else ""
    _decide(patient, protocol, criteria, state=state, reason=reason, actor=actor, is_override=overrides)
    return True


def _decide(
    patient: Patient,
    protocol: ProtocolVersion,
    criteria: list[CriterionResult],
    *,
    state: str,
    reason: str,
    actor: User | None,
    is_override: bool = False,
) -> EligibilityDecision:
    with transaction.atomic():
        enrolment = Enrolment.objects.select_for_update().get(patient=patient)
        before = enrolment.state
        decision = EligibilityDecision.objects.create(
            patient=patient,
            protocol=protocol,
            state=state,
            criteria=[criterion.to_json() for criterion in criteria],
            is_override=is_override,
            reason=reason,
            decided_by=actor,
        )
        enrolment.state, enrolment.reason = state, reason or _deciding_reasons(criteria, state)
        enrolment.save(update_fields=["state", "reason", "updated_at"])
        record_audit(
            action="eligibility.override" if is_override else "eligibility.evaluate",
            subject=patient,
            actor=actor,
            cohort_uuid=patient.cohort_id,
            before={"state": before},
            after={"state": state, "criteria": {criterion.code: criterion.outcome for criterion in criteria}},
            reason=reason,
        )
    return decision


def _deciding_reasons(criteria: list[CriterionResult], state: str) -> str:
    """Why a patient is excluded or still screened, by the letters of the criteria."""
    deciding = {PatientState.EXCLUDED: "not_met", PatientState.SCREENED: "unknown"}.get(state)
    return " ".join(f"({row.code}) {row.reason}" for row in criteria if row.outcome == deciding)
