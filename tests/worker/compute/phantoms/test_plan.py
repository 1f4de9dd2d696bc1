"""The planned cohort has Table 1's counts and quartiles, planted exclusions, and labels independent of the rest."""

from collections import Counter

import numpy as np
import pytest

from worker.compute.phantoms import marginals
from worker.compute.phantoms.clinical import CLINICAL_COLUMNS
from worker.compute.phantoms.pathology import MUTATED_ABOVE_PERCENT
from worker.compute.phantoms.plan import plan_cohort

WHOLE = 259


@pytest.fixture(scope="module")
def included():
    return [plan for plan in plan_cohort(WHOLE, 1.0, 0) if not plan.exclusion]


def _of(included, cancer):
    return [plan.clinical for plan in included if plan.clinical.cancer_type == cancer]


@pytest.mark.parametrize("cancer", marginals.CANCER_TYPES)
def test_counts_at_259_are_those_of_table_1(included, cancer):
    rows = _of(included, cancer)
    stages, grades = (Counter(getattr(row, name) for row in rows) for name in ("figo_stage", "grade"))
    assert len(rows) == marginals.PATIENTS[cancer]
    assert tuple(stages[stage] for stage in marginals.STAGES) == marginals.STAGE_COUNTS[cancer]
    assert tuple(grades[grade] for grade in marginals.GRADES) == marginals.GRADE_COUNTS[cancer]
    assert sum(row.lymph_node_metastasis for row in rows) == marginals.NODE_COUNTS[cancer][1]


@pytest.mark.parametrize("cancer", marginals.CANCER_TYPES)
def test_quartiles_at_259_are_those_of_table_1(included, cancer):
    rows = _of(included, cancer)
    ages = np.percentile([row.age_years for row in rows], [25, 50, 75])
    bmis = np.percentile([row.bmi_kg_m2 for row in rows], [25, 50, 75])
    np.testing.assert_allclose(ages, marginals.AGE_QUARTILES_YEARS[cancer], atol=0.75)
    np.testing.assert_allclose(bmis, marginals.BMI_QUARTILES_KG_M2[cancer], atol=0.1)


def test_any_size_keeps_the_proportions():
    assert sum(marginals.patients_per_cancer(44).values()) == 44
    assert marginals.patients_per_cancer(44) == {"endometrial": 20, "ovarian": 8, "cervical": 16}
    assert marginals.scale_counts((1, 1, 1), 4) == [2, 1, 1]


def test_included_patients_meet_every_criterion(included):
    for plan in included:
        row = plan.clinical
        assert 0 <= (row.pet_date - row.first_admission_date).days <= 14 < 365
        assert row.biopsy_date > row.first_admission_date and row.age_years > 18
        flags = (row.treated_before_pet, row.developmental_abnormality, row.gynaecological_history)
        assert not any(flags) and not row.other_tumour_history and not row.secondary_tumour and row.biopsy_confirmed
        assert row.fasting_hours >= 6 and row.glucose_mmol_l <= 7


def test_planted_exclusions_cover_every_criterion():
    outside = [plan for plan in plan_cohort(WHOLE, 1.0, 0) if plan.exclusion]
    assert len(outside) == 21
    assert {plan.exclusion[0] for plan in outside} == set("abcde")
    assert all(plan.exclusion_reason for plan in outside)


def test_the_label_is_what_the_rule_finds_on_the_slide(included):
    for plan in included:
        assert plan.tp53_mutated == (plan.clinical.p53_percent_stained > MUTATED_ABOVE_PERCENT)
    patterns = Counter((plan.clinical.p53_pattern, plan.tp53_mutated) for plan in included)
    assert patterns["wild_type", True] and patterns["null", False], "rule and pattern must disagree both ways"


def test_traits_differ_by_the_effect_and_by_nothing_without_one():
    for effect in (0.0, 1.5):
        plans = [plan for seed in range(12) for plan in plan_cohort(WHOLE, effect, seed)]
        label = np.array([plan.tp53_mutated for plan in plans])
        for trait in ("uptake", "heterogeneity", "density", "bat_uptake"):
            score = np.array([getattr(plan.traits, trait) for plan in plans])
            assert score[label].mean() - score[~label].mean() == pytest.approx(effect, abs=0.12)


def test_the_label_knows_neither_organ_nor_stage_nor_age():
    plans = [plan for seed in range(20) for plan in plan_cohort(WHOLE, 2.0, seed)]
    label = np.array([plan.tp53_mutated for plan in plans], dtype=float)
    for value in (
        [plan.clinical.cancer_type == "ovarian" for plan in plans],
        [plan.clinical.figo_stage in ("III", "IV") for plan in plans],
        [plan.clinical.age_years for plan in plans],
        [plan.bat_active for plan in plans],
    ):
        assert abs(np.corrcoef(label, np.array(value, dtype=float))[0, 1]) < 0.05


def test_the_columns_are_the_record_and_the_seed_is_the_cohort():
    plans = plan_cohort(10, 1.0, 5)
    assert list(plans[0].clinical.to_row()) == [column.name for column in CLINICAL_COLUMNS]
    assert plans == plan_cohort(10, 1.0, 5) != plan_cohort(10, 1.0, 6)
