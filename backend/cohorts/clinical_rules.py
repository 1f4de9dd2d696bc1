"""What clinical values cannot be true together: asked by the form, the API and the import alike."""

from datetime import date
from typing import Any

from backend.cohorts.clinical_words import HpvStatus
from backend.cohorts.figo import stage_problem

_TREATMENTS = {
    "surgery_date": "surgery",
    "chemotherapy_start_date": "chemotherapy",
    "radiotherapy_start_date": "radiotherapy",
}
# Heights and weights are rounded where they are written down; beyond this one of the three is wrong.
BMI_TOLERANCE = 0.10


def contradictions(values: dict[str, Any]) -> list[tuple[str, str]]:
    """(field, why it cannot be) for the values of one patient; what is not known contradicts nothing.

    ``values`` may come from a form, where a field that failed is absent.
    """
    found = [
        ("figo_stage", _stage(values)),
        ("hpv_genotypes", _hpv(values)),
        ("bmi_kg_m2", _bmi(values)),
        *((name, _treated(values, name)) for name in _TREATMENTS),
    ]
    return [(name, sentence) for name, sentence in found if sentence]


def _stage(values: dict[str, Any]) -> str:
    return stage_problem(
        cancer=values.get("cancer_type") or "",
        edition=values.get("figo_edition") or "",
        stage=values.get("figo_stage") or "",
    )


def _hpv(values: dict[str, Any]) -> str:
    if values.get("hpv_genotypes") and values.get("hpv_status") in (HpvStatus.NEGATIVE, HpvStatus.NOT_TESTED):
        return "names a type although HPV is not positive"
    return ""


def _bmi(values: dict[str, Any]) -> str:
    height, weight, bmi = (values.get(name) for name in ("height_cm", "weight_kg", "bmi_kg_m2"))
    if not (height and weight and bmi):
        return ""
    expected = weight / (height / 100) ** 2
    if abs(bmi - expected) <= BMI_TOLERANCE * expected:
        return ""
    return "does not fit height and weight: one of the three is wrong"


def _treated(values: dict[str, Any], name: str) -> str:
    start, scanned = values.get(name), values.get("pet_date")
    if not isinstance(start, date) or not isinstance(scanned, date):
        return ""
    if start < scanned and values.get("treated_before_pet") is False:
        return f"is before the PET/CT although it says that there was no treatment before it ({_TREATMENTS[name]})"
    return ""
