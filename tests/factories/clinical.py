"""Patients who meet every criterion."""

from datetime import date

from backend.cohorts.clinical_records import record_clinical
from backend.cohorts.models import Cohort, Patient
from backend.cohorts.services import meet_patient

ELIGIBLE = {
    "cancer_type": "ovarian",
    "age_years": 55.0,
    "first_admission_date": date(2020, 3, 1),
    "pet_date": date(2020, 3, 8),
    "biopsy_date": date(2020, 3, 12),
    "biopsy_confirmed": True,
    "treated_before_pet": False,
    "developmental_abnormality": False,
    "gynaecological_history": False,
    "secondary_tumour": False,
    "other_tumour_history": False,
}


def make_patient(cohort: Cohort, pseudonym: str = "PETRA-AAAA0001", **clinical) -> Patient:
    """A patient with a record that meets every criterion but for the changes."""
    patient = meet_patient(cohort=cohort, pseudonym=pseudonym)
    record_clinical(patient=patient, values={**ELIGIBLE, **clinical}, source="form", actor=None)
    return patient
