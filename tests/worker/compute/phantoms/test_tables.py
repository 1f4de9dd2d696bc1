"""Feature tables: the paper's shape, planted columns with the planted effect, no signal without one."""

import numpy as np
import pytest
from scipy import stats

from worker.compute.phantoms.tables import SOURCES, feature_table


def _features(table):
    return [name for name in table.columns if name.split("__")[0] in SOURCES]


def test_shape_and_columns_are_those_of_the_paper():
    table = feature_table(seed=3)
    assert len(table) == 259 and len(_features(table)) == 4246
    assert {source: sum(name.startswith(f"{source}__") for name in table) for source in SOURCES} == SOURCES
    assert table.cancer_type.value_counts().to_dict() == {"endometrial": 120, "cervical": 94, "ovarian": 45}
    assert table.tp53.sum() == 129 and np.isfinite(table[_features(table)]).all().all()
    assert table.clinical__lymph_node.sum() == 45 and (table[_features(table)] > 0).all().all()


def test_planted_columns_differ_and_rank_first():
    table = feature_table(effect=1.5, seed=1)
    mutated, names = table.tp53 == 1, _features(table)
    p = stats.mannwhitneyu(table.loc[mutated, names], table.loc[~mutated, names]).pvalue
    ranked = [names[index] for index in np.argsort(p)[:40]]
    assert set(ranked) == set(table.attrs["planted"])


def test_without_effect_p_values_are_uniform():
    tables = [feature_table(effect=0.0, seed=seed) for seed in range(6)]
    shares = []
    for table in tables:
        mutated, names = table.tp53 == 1, _features(table)
        shares.append((stats.ttest_ind(table.loc[mutated, names], table.loc[~mutated, names]).pvalue < 0.05).mean())
    assert np.mean(shares) == pytest.approx(0.05, abs=0.04)


def test_names_and_planted_columns_can_be_given():
    names = {source: [f"{source}_{index}" for index in range(5)] for source in SOURCES}
    table = feature_table(60, 3.0, 0, names=names, planted=["bat_pet__bat_pet_4"])
    assert table.attrs["planted"] == ["bat_pet__bat_pet_4"]
    mutated = table.tp53 == 1
    assert (
        stats.ttest_ind(table.loc[mutated, "bat_pet__bat_pet_4"], table.loc[~mutated, "bat_pet__bat_pet_4"]).pvalue
        < 1e-6
    )
