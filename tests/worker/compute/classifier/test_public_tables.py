"""Two published radiomic tables through the command line: an honest AUC, neither lost nor leaked."""

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from tests.reference_data import reference_path
from worker.compute.__main__ import main
from worker.compute.classifier.reports import METRICS_SCHEMA

# Plain logistic regression reaches 0.74 and 0.49 (5 × 3 cross-validation). Five folds of 82 and 53 patients scatter by
# about 0.06 and 0.12, so the ranges are wide; a pipeline that selects features outside the folds reports 0.9 here.
RANGES = {"Head-Neck-PET-CT": (0.60, 0.88), "QIN-HEADNECK": (0.25, 0.75)}


@pytest.mark.parametrize("name", RANGES)
def test_the_auc_is_honest(name: str, tmp_path: Path) -> None:
    table = reference_path("radiomics_tables", f"{name}.gz")
    assert main(["train", str(table), str(tmp_path), "--target", "Target", "--seed", "0"]) == 0
    found = json.loads((tmp_path / "metrics.json").read_text())
    Draft202012Validator(json.loads(METRICS_SCHEMA.read_text())).validate(found)
    low, high = RANGES[name]
    assert low < found["models"]["radiomics"]["cross_validation"]["auc"] < high
