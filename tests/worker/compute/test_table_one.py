"""Table 1: medians and counts per group, missing values apart, the test named."""

import numpy as np
import pandas as pd
import pytest

from worker.compute.errors import UnreadableInput
from worker.compute.table_one import table_one


def cohort() -> pd.DataFrame:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"cancer_type": ["endometrial"] * 60 + ["cervical"] * 40, "age": rng.normal(55, 8, 100)})
    frame["grade"] = [1, 2, 3, 3] * 25
    frame["figo"] = ["I"] * 50 + ["II"] * 48 + [None] * 2
    frame.loc[0, "age"] = np.nan
    return frame


def test_numbers_are_medians_and_categories_are_counted() -> None:
    found = table_one(cohort(), "cancer_type")
    assert found.groups == ("cervical", "endometrial", "all") and found.sizes == (40, 60, 100)
    age, *rest = found.rows
    assert age.level == "mean (SD)" and age.missing == 1 and age.test == "Welch t-test" and 0 < age.p < 1
    values = cohort()["age"][60:]
    assert age.cells[0].startswith(f"{values.mean():.2f}".rstrip("0")) and age.n == (40, 59, 99)
    grades = [row for row in rest if row.variable == "grade"]
    assert [row.level for row in grades] == ["1", "2", "3"] and grades[2].cells == ("20 (50%)", "30 (50%)", "50 (50%)")
    figo = [row for row in rest if row.variable == "figo"]
    assert figo[0].test == "chi-square" and figo[1].p is None and figo[0].missing == 2
    assert figo[1].cells == ("38 (100%)", "10 (17%)", "48 (49%)")


def test_an_unknown_group_is_refused() -> None:
    with pytest.raises(UnreadableInput, match="no column 'organ'"):
        table_one(cohort(), "organ")
