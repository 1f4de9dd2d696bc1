"""Stages by cancer and edition: which there are, and which may not become a model's input."""

import pytest

from backend.cohorts.clinical_records import record_clinical
from backend.cohorts.figo import main_stage, model_input_problem, stage_problem
from backend.core.errors import InvalidInput
from backend.experiments.services.datasets import model_inputs
from tests.factories.clinical import make_patient
from tests.factories.people import make_cohort


@pytest.mark.parametrize(
    ("cancer", "edition", "stage", "sentence"),
    [
        ("cervical", "2018", "IIIC1", ""),
        ("cervical", "2018", "IIIC1r", ""),
        ("cervical", "2009", "IIIC1", "no such stage"),
        ("cervical", "2014", "IB1", "no 2014 edition"),
        ("ovarian", "2014", "IIIA1(ii)", ""),
        ("ovarian", "2014", "IB1", "no such stage"),
        ("endometrial", "2023", "IICmp53abn", ""),
        ("endometrial", "2023", "IAmp53abn", ""),
        ("endometrial", "2009", "IAmp53abn", "only the 2023 edition"),
        ("endometrial", "2009", "IIA", "no such stage"),
        ("endometrial", "", "IIIC1", "needs its FIGO edition"),
        ("", "2018", "IIIC1", "needs its cancer type"),
        ("", "", "III", ""),
        ("ovarian", "2018", "indeterminate", ""),
    ],
)
def test_a_stage_belongs_to_its_cancer_and_edition(cancer, edition, stage, sentence):
    found = stage_problem(cancer=cancer, edition=edition, stage=stage)
    assert (sentence in found) if sentence else (found == "")


@pytest.mark.parametrize(
    ("cancer", "edition", "stage", "refused"),
    [
        ("endometrial", "2023", "IICmp53abn", True),
        ("endometrial", "2023", "IA1", True),
        ("endometrial", "", "I", True),
        ("endometrial", "2009", "IIIC1", False),
        ("cervical", "2018", "IIIC1", False),
        ("ovarian", "", "III", False),
        ("endometrial", "2023", "", False),
    ],
)
def test_a_stage_that_can_hold_the_p53_state_is_no_input(cancer, edition, stage, refused):
    assert bool(model_input_problem(cancer=cancer, edition=edition, stage=stage)) == refused


def test_main_stages():
    assert [main_stage(stage) for stage in ("IIIA1(ii)", "IVC", "IB3", "II", "indeterminate", "")] == [
        "III", "IV", "I", "II", "indeterminate", "",
    ]  # fmt: skip


@pytest.mark.django_db
def test_a_record_refuses_the_stage_of_another_edition_and_keeps_reason_and_history():
    patient = make_patient(make_cohort(), cancer_type="endometrial")
    with pytest.raises(InvalidInput, match="FIGO 2009 has no such stage"):
        record_clinical(
            patient=patient, values={"figo_stage": "IVC", "figo_edition": "2009"}, source="form", actor=None
        )
    record = record_clinical(
        patient=patient, values={"figo_stage": "IICmp53abn", "figo_edition": "2023"}, source="form", actor=None,
        reason="molecular report",
    )  # fmt: skip
    assert model_inputs(record)["figo_stage"] is None and record.reason == "molecular report"
    with pytest.raises(InvalidInput, match="hpv_genotypes"):
        record_clinical(
            patient=patient, values={"hpv_status": "negative", "hpv_genotypes": "16"}, source="form", actor=None
        )
