"""The patient's sex, height and weight, from which the viewer makes SUL (SUV by lean body mass)."""

from backend.cohorts.selectors import newest_clinical_records
from backend.imaging.models import Case, PetAcquisition

CM_PER_M = 100


def body_of(case: Case) -> dict:
    """``sex`` (F, M or None), ``height_m`` and ``weight_kg``: the PET's header first, for SUVbw stands on its weight.

    The clinical record fills in a height or weight that the header lacks; sex is in no clinical record.
    """
    acquisition = PetAcquisition.objects.filter(series=case.pet.series).first()
    inputs = acquisition.suv_passport.get("inputs", {}) if acquisition else {}
    record = newest_clinical_records([case.patient]).get(case.patient_id)
    recorded_m = record.height_cm / CM_PER_M if record and record.height_cm else None
    return {
        "sex": inputs.get("patient_sex") if inputs.get("patient_sex") in ("F", "M") else None,
        "height_m": inputs.get("patient_height_m") or recorded_m,
        "weight_kg": inputs.get("patient_weight_kg") or (record.weight_kg if record else None),
    }
