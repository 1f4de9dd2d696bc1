"""Every column against the label: the same p as one by one, fold change only where it means something, q per source."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from tests.worker.compute.feature_tables import small_table
from worker.compute.errors import InsufficientData
from worker.compute.tables import table_from_frame
from worker.compute.volcano import FOLD_CHANGE, STANDARDISED, volcano, volcano_by_cancer


def test_planted_features_come_first_with_the_p_of_the_named_test() -> None:
    frame = small_table(effect=2.0)
    found = volcano(table_from_frame(frame.astype(str), target="tp53"))
    assert {name[-2:] for name in found["feature"][:12]} == {"00", "01", "02"}
    for row in found.head(20).itertuples():
        a, b = (frame.loc[frame.tp53 == y, row.feature].dropna() for y in (0, 1))
        one = stats.ttest_ind(a, b, equal_var=False) if row.test == "Welch t-test" else stats.mannwhitneyu(a, b)
        assert row.p == pytest.approx(one.pvalue, rel=1e-6) and (row.n_negative, row.n_positive) == (len(a), len(b))


def test_q_is_benjamini_hochberg_inside_each_source() -> None:
    found = volcano(table_from_frame(small_table().astype(str), target="tp53"))
    for _, part in found.groupby("source"):
        assert part["q"].to_numpy() == pytest.approx(stats.false_discovery_control(part["p"].to_numpy()))


def test_fold_change_needs_means_of_one_sign() -> None:
    rng = np.random.default_rng(0)
    y = np.arange(40) % 2
    columns = {"ratio": 4.0 + 4 * y, "both_negative": -4.0 - 4 * y, "crosses": -1.0 + 2 * y, "constant": np.zeros(40)}
    frame = pd.DataFrame({"y": y} | {k: v + (k != "constant") * rng.normal(0, 0.01, 40) for k, v in columns.items()})
    found = volcano(table_from_frame(frame.astype(str), target="y")).set_index("feature")
    assert found.loc["ratio", "log2_fold_change"] == pytest.approx(1, abs=0.01)
    assert found.loc["both_negative", "log2_fold_change"] == pytest.approx(1, abs=0.01)
    assert found.loc["ratio", "x_kind"] == FOLD_CHANGE and found.loc["crosses", "x_kind"] == STANDARDISED
    assert np.isnan(found.loc["crosses", "log2_fold_change"]) and found.loc["crosses", "x"] > 0
    assert np.isnan(found.loc["constant", "p"]) and found.index[-1] == "constant"


def test_sixteen_panels_and_a_sentence_for_a_cancer_with_one_class() -> None:
    frame = small_table()
    frame.loc[frame.cancer_type == "ovarian", "tp53"] = 1
    panels = volcano_by_cancer(table_from_frame(frame.astype(str), target="tp53"))
    assert len(panels) == 16 and "negative cases" in panels["bat_ct", "ovarian"]
    assert len(panels["tumour_ct", "all"]) == 30


def test_one_class_is_refused() -> None:
    frame = small_table().assign(tp53=1)
    with pytest.raises(InsufficientData, match="at least 3 negative"):
        volcano(table_from_frame(frame.astype(str), target="tp53"))
