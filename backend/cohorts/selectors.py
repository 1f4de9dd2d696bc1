"""Questions about patients and their records, for many patients at constant cost."""

from collections.abc import Iterable
from uuid import UUID

from backend.cohorts.models import ClinicalRecord, Cohort, EligibilityDecision, Patient, PatientState, ProtocolVersion
from backend.core.errors import Conflict, NotFound


def newest_clinical_records(patients: Iterable[Patient]) -> dict[UUID, ClinicalRecord]:
    """The record that counts, by patient."""
    rows = ClinicalRecord.objects.filter(patient__in=patients).order_by("patient_id", "-created_at")
    return {row.patient_id: row for row in rows.distinct("patient_id")}


def newest_decisions(patients: Iterable[Patient]) -> dict[UUID, EligibilityDecision]:
    """The last entry of the eligibility log, by patient."""
    rows = EligibilityDecision.objects.filter(patient__in=patients).order_by("patient_id", "-created_at")
    return {row.patient_id: row for row in rows.distinct("patient_id").select_related("protocol", "decided_by")}


def patient_of(cohort: Cohort, pseudonym: str, *, withdrawn_too: bool = False) -> Patient:
    """The patient of this pseudonym. Raises NotFound, and Conflict for who withdrew: nothing is known or entered."""
    rows = Patient.objects.filter(cohort=cohort, pseudonym=pseudonym).select_related("cohort", "enrolment")
    patient = rows.first()
    if patient is None:
        raise NotFound("There is no patient of this pseudonym in this cohort.")
    if not withdrawn_too and patient.enrolment.state == PatientState.WITHDRAWN:
        raise Conflict("The patient withdrew from the study: nothing is known of them any more.")
    return patient


def protocol_versions(cohort: Cohort) -> list[ProtocolVersion]:
    """All versions, newest first."""
    return list(ProtocolVersion.objects.filter(cohort=cohort).select_related("created_by").order_by("-number"))
