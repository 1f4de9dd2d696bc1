"""Who is in the synthetic cohort: clinical rows by Table 1, TP53 labels, planted exclusions and image traits."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

import numpy as np

from worker.compute.phantoms import marginals
from worker.compute.phantoms.clinical import ClinicalRecord
from worker.compute.phantoms.pathology import FIGO_EDITIONS, draw_histotype, draw_hpv, read_p53

ADULT_AGE_YEARS = 19
LOWEST_BMI_KG_M2 = 16.0
MOST_DAYS_TO_PET = 14
EXCLUDED_SHARE = 0.08
FEWEST_EXCLUDED = 3
CENTRES = ("synthetic-north", "synthetic-south")
STAGE_WEIGHT = {"I": 0.0, "II": 1.0, "III": 2.0, "IV": 3.0, "indeterminate": 1.0}
BAT_SHARE = 0.6
BAT_SEASON_SWING = 0.2


@dataclass(frozen=True, kw_only=True)
class Traits:
    """The patient's image traits as standard scores: deviation 1, ``effect`` apart between the labels."""

    uptake: float
    heterogeneity: float
    density: float
    bat_uptake: float


TRAIT_FEATURES = {
    "uptake": ("tumour_pet__original_firstorder_Mean", "tumour_pet__original_firstorder_Median"),
    "heterogeneity": (
        "tumour_pet__original_firstorder_Variance",
        "tumour_pet__original_glcm_Contrast",
    ),
    "density": ("tumour_ct__original_firstorder_Mean", "tumour_ct__original_firstorder_Median"),
    "bat_uptake": ("bat_pet__original_firstorder_90Percentile", "bat_pet__original_firstorder_Maximum"),
}


@dataclass(frozen=True, kw_only=True)
class PatientPlan:
    """One patient before the images: the row, the label, the traits, and the seed that the images are drawn from."""

    clinical: ClinicalRecord
    tp53_mutated: bool
    traits: Traits
    bat_active: bool
    image_seed: int
    exclusion: str = ""
    exclusion_reason: str = field(default="", kw_only=True)


def plan_cohort(patients: int, effect: float, seed: int) -> list[PatientPlan]:
    """``patients`` includable patients and, beyond them, those who each violate one criterion (about 8 %, at least 3).

    ``effect`` is Cohen's d between the labels in every trait. The label is shuffled over the cohort: independent of
    all clinical values, and with effect 0 of the images too.
    """
    excluded = max(FEWEST_EXCLUDED, math.ceil(EXCLUDED_SHARE * patients))
    rng = np.random.default_rng((seed, 1))
    plans = _plan_group(patients, effect, rng, first_number=1)
    outside = _plan_group(excluded, effect, rng, first_number=patients + 1)
    violations = list(VIOLATIONS.items())
    outside = [_violate(plan, *violations[index % len(violations)], rng) for index, plan in enumerate(outside)]
    order = rng.permutation(patients + excluded)
    everyone = plans + outside
    return [everyone[index] for index in order]


def _plan_group(total: int, effect: float, rng: np.random.Generator, first_number: int) -> list[PatientPlan]:
    records = [record for cancer, count in marginals.patients_per_cancer(total).items() if count
               for record in _clinical_rows(cancer, count, rng)]  # fmt: skip
    labels = rng.permutation(np.arange(total) % 2 == 0)
    return [
        _plan_patient(record, bool(label), effect, first_number + index, rng)
        for index, (record, label) in enumerate(zip(records, labels, strict=True))
    ]


def _clinical_rows(cancer: str, count: int, rng: np.random.Generator) -> list[dict]:
    """Rows without label and dates; lymph-node metastasis goes to the higher stages first, more often than not."""
    stages = marginals.shuffled_categories(marginals.STAGES, marginals.STAGE_COUNTS[cancer], count, rng)
    grades = marginals.shuffled_categories(marginals.GRADES, marginals.GRADE_COUNTS[cancer], count, rng)
    ages = marginals.through_quartiles(marginals.AGE_QUARTILES_YEARS[cancer], count, rng, ADULT_AGE_YEARS)
    bmis = marginals.through_quartiles(marginals.BMI_QUARTILES_KG_M2[cancer], count, rng, LOWEST_BMI_KG_M2)
    positive = marginals.scale_counts(marginals.NODE_COUNTS[cancer], count)[1]
    risk = np.array([STAGE_WEIGHT[stage] for stage in stages]) + rng.normal(0, 1.0, count)
    with_nodes = set(np.argsort(-risk)[:positive].tolist())
    return [
        {
            "cancer_type": cancer,
            "figo_stage": stages[index],
            "grade": grades[index],
            "age_years": round(float(ages[index])),
            "bmi_kg_m2": round(float(bmis[index]), 2),
            "lymph_node_metastasis": int(index in with_nodes),
        }
        for index in range(count)
    ]


def _plan_patient(row: dict, mutated: bool, effect: float, number: int, rng: np.random.Generator) -> PatientPlan:
    height_cm = int(round(rng.normal(160, 5)))
    p53 = read_p53(mutated, rng)
    admission = date(2019, 1, 7) + timedelta(days=int(rng.integers(0, 5 * 365)))
    pet = admission + timedelta(days=int(rng.integers(1, MOST_DAYS_TO_PET)))
    record = ClinicalRecord(
        hospital_number=f"PHI-HN-{number:05d}",
        height_cm=height_cm,
        weight_kg=round(row["bmi_kg_m2"] * (height_cm / 100) ** 2, 1),
        figo_edition=FIGO_EDITIONS[row["cancer_type"]],
        histotype=draw_histotype(row["cancer_type"], rng),
        hpv_status=draw_hpv(row["cancer_type"], rng),
        p53_percent_stained=p53.percent_stained,
        p53_intensity=p53.intensity,
        p53_pattern=p53.pattern,
        p53_internal_control=p53.internal_control,
        first_admission_date=admission,
        pet_date=pet,
        biopsy_date=pet + timedelta(days=int(rng.integers(1, 12))),
        fasting_hours=round(float(rng.uniform(6, 12)), 1),
        glucose_mmol_l=round(float(np.clip(rng.normal(5.4, 0.6), 3.9, 7.0)), 1),
        centre=str(rng.choice(CENTRES)),
        **row,
    )
    scores = rng.normal(0, 1, 4) + effect * (0.5 if mutated else -0.5)
    uptake, heterogeneity, density, bat_uptake = (float(score) for score in scores)
    return PatientPlan(
        clinical=record,
        tp53_mutated=mutated,
        traits=Traits(uptake=uptake, heterogeneity=heterogeneity, density=density, bat_uptake=bat_uptake),
        bat_active=bool(rng.random() < bat_probability(pet.month)),
        image_seed=int(rng.integers(2**31)),
    )


def bat_probability(month: int) -> float:
    """The chance of active brown fat: 60 % over the year, highest in January, lowest in July."""
    return BAT_SHARE + BAT_SEASON_SWING * math.cos(2 * math.pi * (month - 1) / 12)


def _late_pet(record: ClinicalRecord, rng: np.random.Generator) -> ClinicalRecord:
    return replace(record, first_admission_date=record.pet_date - timedelta(days=int(rng.integers(20, 60))))


# criterion of the protocol -> (reason, how the row comes to violate it)
VIOLATIONS: dict[str, tuple[str, Callable[[ClinicalRecord, np.random.Generator], ClinicalRecord]]] = {
    "a_interval": ("PET/CT more than 14 days after the first admission", _late_pet),
    "b_treated": ("treated before the PET/CT", lambda record, rng: replace(record, treated_before_pet=1)),
    "d_history": ("history of gynaecological disease", lambda record, rng: replace(record, gynaecological_history=1)),
    "e_other": ("history of another tumour", lambda record, rng: replace(record, other_tumour_history=1)),
    "c_age": ("not over 18 years", lambda record, rng: replace(record, age_years=int(rng.integers(15, 19)))),
    "a_biopsy": ("biopsy does not confirm the cancer", lambda record, rng: replace(record, biopsy_confirmed=0)),
    "c_abnormality": ("developmental abnormality", lambda record, rng: replace(record, developmental_abnormality=1)),
    "e_secondary": ("secondary tumour", lambda record, rng: replace(record, secondary_tumour=1)),
}


def _violate(plan: PatientPlan, criterion: str, violation: tuple, rng: np.random.Generator) -> PatientPlan:
    reason, change = violation
    clinical = change(plan.clinical, rng)
    return replace(plan, clinical=clinical, exclusion=criterion, exclusion_reason=reason)
