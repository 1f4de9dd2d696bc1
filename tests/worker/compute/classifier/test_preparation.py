"""What is fitted before the network: nothing constant, nothing twice, missing values at the median."""

import numpy as np
import pandas as pd

from worker.compute.classifier.preparation import fit_preparation, separation
from worker.compute.classifier.settings import TrainingSettings
from worker.compute.tables import FeatureTable, table_from_frame

SETTINGS = TrainingSettings(features_per_source=3)


def table(seed: int = 0) -> FeatureTable:
    rng = np.random.default_rng(seed)
    label = np.arange(60) % 2
    signal = rng.normal(size=60) + 2 * label
    frame = pd.DataFrame({"y": label, "tumour_ct__signal": signal, "tumour_ct__twin": 5 * signal + 1})
    frame["tumour_ct__constant"] = 4.0
    frame["tumour_ct__huge"] = np.exp(rng.normal(0, 80, size=60))
    frame["tumour_ct__noise"] = rng.normal(size=60)
    frame.loc[3, "tumour_ct__signal"] = np.nan
    return table_from_frame(frame.astype(str), target="y")


def test_selection_leaves_out_constants_and_copies() -> None:
    preparation = fit_preparation(table(), ["tumour_ct"], SETTINGS)
    names = [name.split("__")[1] for name in preparation.token_names]
    assert len(set(names) & {"signal", "twin"}) == 1 and "constant" not in names and len(names) == 3


def test_values_are_bounded_and_a_missing_one_is_the_median() -> None:
    read = table()
    preparation = fit_preparation(read, ["tumour_ct"], SETTINGS)
    values, missing = preparation.transform(read)
    assert np.isfinite(values).all() and np.abs(values).max() <= 4 and not missing.any()
    median = np.median(values, axis=0)
    assert np.abs(median).max() < 0.1


def test_nothing_that_varies_gives_no_preparation() -> None:
    frame = pd.DataFrame({"y": ["0", "1"] * 4, "tumour_ct__a": ["1"] * 8})
    assert fit_preparation(table_from_frame(frame, target="y"), ["tumour_ct"], SETTINGS) is None


def test_separation_is_the_distance_of_the_auc_from_one_half() -> None:
    z = np.array([[0.0, 3], [1, 2], [2, 1], [3, 0]])
    assert separation(z, np.array([0, 0, 1, 1])).tolist() == [0.5, 0.5]
    assert separation(z, np.array([0, 1, 1, 0])).tolist() == [0.0, 0.0]
