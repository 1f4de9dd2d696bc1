"""The criteria as a truth table, and the log that keeps a patient's state true."""

from datetime import date

import pytest

from backend.audit.models import AuditRecord
from backend.cohorts.clinical_records import record_clinical
from backend.cohorts.eligibility import evaluate_criteria, state_of
from backend.cohorts.eligibility_log import evaluate_patients, lift_override, override_eligibility
from backend.cohorts.models import ClinicalRecord, EligibilityDecision, Enrolment, PatientState
from backend.cohorts.protocol import ProtocolRules
from backend.cohorts.protocol_versions import new_protocol_version
from backend.cohorts.services import meet_patient
from backend.core.errors import Conflict, InvalidInput
from tests.factories.clinical import ELIGIBLE, make_patient
from tests.factories.people import make_cohort, make_user


def outcomes(**changes) -> dict[str, str]:
    record = ClinicalRecord(**{**ELIGIBLE, **changes})
    return {row.code: row.outcome for row in evaluate_criteria(record, ProtocolRules())}


def state(**changes) -> str:
    return state_of(evaluate_criteria(ClinicalRecord(**{**ELIGIBLE, **changes}), ProtocolRules()))


TRUTH_TABLE = [
    ("a", {"pet_date": date(2020, 3, 15), "biopsy_date": date(2020, 3, 15)}, "met"),
    ("a", {"pet_date": date(2020, 3, 16), "biopsy_date": date(2020, 3, 20)}, "not_met"),
    ("a", {"pet_date": date(2020, 2, 16)}, "met"),
    ("a", {"pet_date": date(2020, 2, 15)}, "not_met"),
    ("a", {"pet_date": None}, "unknown"),
    ("a", {"first_admission_date": None}, "unknown"),
    ("a", {"biopsy_date": date(2020, 3, 8)}, "met"),
    ("a", {"biopsy_date": date(2020, 3, 7)}, "not_met"),
    ("a", {"biopsy_date": None}, "unknown"),
    ("a", {"biopsy_confirmed": False}, "not_met"),
    ("a", {"biopsy_confirmed": None}, "unknown"),
    ("a", {"biopsy_confirmed": None, "biopsy_date": date(2020, 3, 7)}, "not_met"),
    ("a", {"cancer_type": ""}, "unknown"),
    ("b", {"treated_before_pet": True}, "not_met"),
    ("b", {"treated_before_pet": None}, "unknown"),
    ("c", {"age_years": 18.0}, "not_met"),
    ("c", {"age_years": 18.5}, "met"),
    ("c", {"age_years": None}, "unknown"),
    ("c", {"developmental_abnormality": True}, "not_met"),
    ("c", {"developmental_abnormality": None}, "unknown"),
    ("d", {"gynaecological_history": True}, "not_met"),
    ("d", {"gynaecological_history": None}, "unknown"),
    ("e", {"secondary_tumour": True}, "not_met"),
    ("e", {"other_tumour_history": True}, "not_met"),
    ("e", {"secondary_tumour": None}, "unknown"),
    ("e", {"secondary_tumour": None, "other_tumour_history": True}, "not_met"),
]


@pytest.mark.parametrize(("code", "changes", "outcome"), TRUTH_TABLE)
def test_one_change_decides_its_criterion_and_the_state(code, changes, outcome):
    found = outcomes(**changes)
    assert found.pop(code) == outcome
    assert set(found.values()) == {"met"}
    assert state(**changes) == {"met": "included", "not_met": "excluded", "unknown": "screened"}[outcome]


def test_not_met_outweighs_unknown():
    assert state(treated_before_pet=True, age_years=None) == "excluded"


def test_without_a_record_everything_is_unknown():
    criteria = evaluate_criteria(None, ProtocolRules())
    assert {row.outcome for row in criteria} == {"unknown"} and [row.code for row in criteria] == list("abcde")


def test_reasons_say_what_decided():
    record = ClinicalRecord(**{**ELIGIBLE, "pet_date": date(2020, 4, 1), "biopsy_confirmed": None})
    reason = evaluate_criteria(record, ProtocolRules())[0].reason
    assert reason == "PET/CT 31 days after first admission. Biopsy or surgery 20 days before PET/CT."


def test_cancer_type_outside_the_protocol_is_not_met():
    criteria = evaluate_criteria(ClinicalRecord(**ELIGIBLE), ProtocolRules(cancer_types=["cervical"]))
    assert criteria[0].outcome == "not_met"


@pytest.mark.django_db
def test_records_move_the_state_and_equal_values_add_nothing():
    patient = meet_patient(cohort=make_cohort(), pseudonym="PETRA-A")
    assert record_clinical(patient=patient, values=ELIGIBLE, source="form", actor=None)
    assert Enrolment.objects.get(patient=patient).state == PatientState.INCLUDED
    assert record_clinical(patient=patient, values=ELIGIBLE, source="form", actor=None) is None
    assert evaluate_patients(patient.cohort, [patient]) == 0
    assert EligibilityDecision.objects.filter(patient=patient).count() == 1
    assert ClinicalRecord.objects.filter(patient=patient).count() == 1
    record_clinical(patient=patient, values={"treated_before_pet": None}, source="form", actor=None, reason="unsure")
    enrolment = Enrolment.objects.get(patient=patient)
    assert enrolment.state == PatientState.SCREENED and enrolment.reason.startswith("(b) ")


@pytest.mark.django_db
def test_an_override_holds_over_new_values_until_it_is_lifted():
    coordinator, patient = make_user(), make_patient(make_cohort(), treated_before_pet=True)
    assert Enrolment.objects.get(patient=patient).state == PatientState.EXCLUDED
    override_eligibility(patient=patient, state="included", reason="one day of iron", actor=coordinator)
    record_clinical(patient=patient, values={"age_years": 17.0}, source="form", actor=coordinator)
    newest = EligibilityDecision.objects.filter(patient=patient).order_by("-created_at").first()
    assert (newest.state, newest.is_override, newest.reason) == ("included", True, "one day of iron")
    assert [row["outcome"] for row in newest.criteria] == ["met", "not_met", "not_met", "met", "met"]
    lift_override(patient=patient, reason="", actor=coordinator)
    assert Enrolment.objects.get(patient=patient).state == PatientState.EXCLUDED
    record = AuditRecord.objects.filter(action="eligibility.override").first()
    assert record.actor == coordinator and record.reason == "one day of iron"
    with pytest.raises(Conflict):
        lift_override(patient=patient, reason="", actor=coordinator)


@pytest.mark.django_db
def test_an_override_needs_a_reason_and_a_withdrawal_is_final():
    coordinator, patient = make_user(), make_patient(make_cohort())
    with pytest.raises(InvalidInput):
        override_eligibility(patient=patient, state="excluded", reason=" ", actor=coordinator)
    with pytest.raises(InvalidInput):
        override_eligibility(patient=patient, state="withdrawn", reason="x", actor=coordinator)
    Enrolment.objects.filter(patient=patient).update(state=PatientState.WITHDRAWN)
    with pytest.raises(Conflict):
        override_eligibility(patient=patient, state="included", reason="x", actor=coordinator)
    with pytest.raises(Conflict):
        record_clinical(patient=patient, values={"age_years": 12.0}, source="form", actor=coordinator)
    assert evaluate_patients(patient.cohort, [patient]) == 0
    assert Enrolment.objects.get(patient=patient).state == PatientState.WITHDRAWN


@pytest.mark.django_db
def test_a_new_protocol_evaluates_everybody_again():
    cohort, coordinator = make_cohort(), make_user()
    patient = make_patient(cohort, pet_date=date(2020, 3, 21), biopsy_date=date(2020, 3, 25))
    assert Enrolment.objects.get(patient=patient).state == PatientState.EXCLUDED
    rules = ProtocolRules(pet_within_days_of_admission=28)
    version = new_protocol_version(cohort=cohort, rules=rules, reason="slow referral", actor=coordinator)
    assert version.number == 2 and Enrolment.objects.get(patient=patient).state == PatientState.INCLUDED
    with pytest.raises(Conflict):
        new_protocol_version(cohort=cohort, rules=rules, reason="again", actor=coordinator)
    with pytest.raises(InvalidInput):
        new_protocol_version(cohort=cohort, rules=ProtocolRules(), reason="", actor=coordinator)
