"""Including many patients by a coordinator's word, with one reason for all."""

from django import forms

from backend.accounts.models import User
from backend.cohorts.bulk_enrolment import include_by_override
from backend.cohorts.models import Cohort, Patient, PatientState
from backend.dashboards.bulk.plans import Plan, by_reason

_WHY_NOT = {
    PatientState.INCLUDED: "included already",
    PatientState.WITHDRAWN: "withdrew from the study",
}


class IncludeForm(forms.Form):
    reason = forms.CharField(
        label="Why the criteria are overruled", max_length=500, widget=forms.TextInput(attrs={"class": "form-control"})
    )

    def __init__(self, data: dict | None, *, cohort: Cohort) -> None:
        super().__init__(data)


def plan_inclusion(cohort: Cohort, patients: list[Patient]) -> Plan:
    pairs = [(patient.pseudonym, _WHY_NOT.get(patient.enrolment.state, "")) for patient in patients]
    ready = [patient for patient, (_, reason) in zip(patients, pairs, strict=True) if not reason]
    return Plan(ready=ready, left_out=by_reason(pairs))


def include(cohort: Cohort, patients: list[Patient], *, actor: User, reason: str) -> tuple[int, dict[str, list[str]]]:
    """Who changed between the plan and the lock is left out after all."""
    changed = {
        patient.pk for patient in include_by_override(cohort=cohort, patients=patients, reason=reason, actor=actor)
    }
    late = [(patient.pseudonym, "changed meanwhile") for patient in patients if patient.pk not in changed]
    return len(changed), by_reason(late)
