"""The study's criteria (a) to (e) for one patient, as a pure rule over the newest clinical record.

Source: Du et al. 2025, inclusion (a)–(c) and exclusion (d)–(e); the numbers are the protocol's. What is not known never
counts as met.
"""

from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from backend.cohorts.models import ClinicalRecord, PatientState
from backend.cohorts.protocol import ProtocolRules

MET, NOT_MET, UNKNOWN = "met", "not_met", "unknown"


@dataclass(frozen=True, kw_only=True)
class CriterionResult:
    """One criterion: its letter, what it asks, whether it is met, and why."""

    code: str
    title: str
    outcome: str
    reason: str

    def to_json(self) -> dict:
        return asdict(self)


# A part of a criterion: whether it holds (None: unknown) and the sentence that says so.
Part = tuple[bool | None, str]


def evaluate_criteria(
    record: ClinicalRecord | None, rules: ProtocolRules, modalities: frozenset[str] = frozenset()
) -> list[CriterionResult]:
    """The criteria that apply, in the paper's order; without a record every one of them is unknown.

    ``modalities`` are those of the patient's images. Images that are not there may still come: unknown.
    """
    titles = {code: title for code, title in criteria_titles(rules).items() if code in rules.criteria}
    if record is None:
        nothing: list[Part] = [(None, "No clinical record yet.")]
        images = _images(modalities, rules)
        return [_combine(code, title, [images] if code == "images" else nothing) for code, title in titles.items()]
    parts = {
        "a": [_interval(record, rules), *_confirmed(record, rules)],
        "b": [_absent(record.treated_before_pet, "treatment before the PET/CT")],
        "c": [_old_enough(record, rules), _absent(record.developmental_abnormality, "developmental abnormality")],
        "d": [_absent(record.gynaecological_history, "earlier gynaecological disease")],
        "e": [
            _absent(record.secondary_tumour, "secondary tumour"),
            _absent(record.other_tumour_history, "history of another tumour"),
        ],
        "fasting": [_fasted(record, rules)],
        "glucose": [_glucose(record, rules)],
        "images": [_images(modalities, rules)],
    }
    return [_combine(code, title, parts[code]) for code, title in titles.items()]


def criteria_titles(rules: ProtocolRules) -> dict[str, str]:
    """What each criterion asks under these rules."""
    return {
        "a": f"PET/CT within {rules.pet_within_days_of_admission} days of first admission, and biopsy or surgery after "
        f"it confirms a primary cancer ({', '.join(rules.cancer_types)})",
        "b": "No treatment before PET/CT",
        "c": f"Over {rules.minimum_age_years:g} years, no developmental abnormality",
        "d": "No history of gynaecological disease",
        "e": "No secondary tumour and no history of other tumours",
        "fasting": f"Fasted at least {rules.minimum_fasting_hours:g} h before the tracer",
        "glucose": f"Blood glucose at most {rules.maximum_glucose_mmol_l:g} mmol/l",
        "images": f"Images there: {', '.join(rules.required_modalities)}",
    }


def state_of(criteria: list[CriterionResult], rules: ProtocolRules | None = None, *, was: str = "") -> str:
    """Excluded where any criterion is not met, screened while any is unknown; where all are met included or eligible.

    Where the protocol leaves the inclusion to a coordinator, who ``was`` included stays so.
    """
    outcomes = {criterion.outcome for criterion in criteria}
    if NOT_MET in outcomes:
        return PatientState.EXCLUDED
    if UNKNOWN in outcomes:
        return PatientState.SCREENED
    by_hand = rules is not None and rules.inclusion == "coordinator" and was != PatientState.INCLUDED
    return PatientState.ELIGIBLE if by_hand else PatientState.INCLUDED


def _combine(code: str, title: str, parts: list[Part]) -> CriterionResult:
    """Not met where any part fails, unknown where any is unknown; the reason names the parts that decided."""
    held = [holds for holds, _ in parts]
    outcome, deciding = (NOT_MET, False) if False in held else (UNKNOWN, None) if None in held else (MET, True)
    reason = " ".join(sentence for holds, sentence in parts if holds is deciding)
    return CriterionResult(code=code, title=title, outcome=outcome, reason=reason)


def _interval(record: ClinicalRecord, rules: ProtocolRules) -> Part:
    admitted, scanned = record.first_admission_date, record.pet_date
    if admitted is None or scanned is None:
        return None, _missing_dates(("first admission", admitted), ("PET/CT", scanned))
    days = (scanned - admitted).days
    sentence = f"PET/CT {abs(days)} days {'after' if days >= 0 else 'before'} first admission."
    return abs(days) <= rules.pet_within_days_of_admission, sentence


def _confirmed(record: ClinicalRecord, rules: ProtocolRules) -> list[Part]:
    if record.biopsy_confirmed is None:
        confirmed: Part = (None, "Whether histology confirms a primary cancer is not known.")
    elif record.biopsy_confirmed:
        confirmed = (True, "Histology confirms a primary cancer.")
    else:
        confirmed = (False, "Histology does not confirm a primary cancer.")
    return [confirmed, _biopsy_order(record), _cancer_type(record, rules)]


def _biopsy_order(record: ClinicalRecord) -> Part:
    scanned, taken = record.pet_date, record.biopsy_date
    if scanned is None or taken is None:
        return None, _missing_dates(("PET/CT", scanned), ("biopsy or surgery", taken))
    days = (taken - scanned).days
    return days >= 0, f"Biopsy or surgery {abs(days)} days {'after' if days >= 0 else 'before'} PET/CT."


def _cancer_type(record: ClinicalRecord, rules: ProtocolRules) -> Part:
    if not record.cancer_type:
        return None, "The cancer type is not known."
    return record.cancer_type in rules.cancer_types, f"The cancer is {record.get_cancer_type_display().lower()}."


def _old_enough(record: ClinicalRecord, rules: ProtocolRules) -> Part:
    if record.age_years is None:
        return None, "The age is not known."
    # The paper says "over 18": a patient of exactly 18.0 years is not.
    return record.age_years > rules.minimum_age_years, f"Age {record.age_years:g} years."


def _fasted(record: ClinicalRecord, rules: ProtocolRules) -> Part:
    hours = record.fasting_hours
    if hours is None:
        return None, "How long the patient fasted is not known."
    return hours >= rules.minimum_fasting_hours, f"Fasted {hours:g} h."


def _glucose(record: ClinicalRecord, rules: ProtocolRules) -> Part:
    glucose = record.glucose_mmol_l
    if glucose is None:
        return None, "The blood glucose is not known."
    return glucose <= rules.maximum_glucose_mmol_l, f"Glucose {glucose:g} mmol/l."


def _images(modalities: frozenset[str], rules: ProtocolRules) -> Part:
    missing = [modality for modality in rules.required_modalities if modality not in modalities]
    return (None, f"No {' and no '.join(missing)} yet.") if missing else (True, "The images are there.")


def _absent(present: bool | None, what: str) -> Part:
    if present is None:
        return None, f"It is not known whether there was {what}."
    return not present, f"There was {what}." if present else f"No {what}."


def _missing_dates(*dates: tuple[str, Any]) -> str:
    missing = [name for name, day in dates if not isinstance(day, date)]
    return f"The date of {' and '.join(missing)} is not known."
