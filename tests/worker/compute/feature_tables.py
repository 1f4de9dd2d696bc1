"""Feature tables for the tests of splits, models and statistics: small, seeded, with or without an effect."""

import numpy as np
import pandas as pd

CANCERS = ("endometrial", "ovarian", "cervical")
SMALL_SOURCES = {"tumour_ct": 30, "tumour_pet": 30, "bat_ct": 12, "bat_pet": 12}


def small_table(n: int = 90, effect: float = 1.5, seed: int = 0, without_bat: int = 5) -> pd.DataFrame:
    """The five models' columns with three informative features per source; the first patients have no brown fat."""
    rng = np.random.default_rng(seed)
    label = rng.permutation(np.arange(n) % 2)
    frame = pd.DataFrame({"patient_id": [f"P{i:03d}" for i in range(n)], "tp53": label})
    frame["cancer_type"] = rng.permutation(np.resize(CANCERS, n))
    for source, count in SMALL_SOURCES.items():
        values = rng.normal(10, 1, size=(n, count))
        values[:, :3] += effect * label[:, None]
        if source.startswith("bat"):
            values[:without_bat] = np.nan
        columns = [f"{source}__original_firstorder_F{i:02d}" for i in range(count)]
        frame = pd.concat([frame, pd.DataFrame(values, columns=columns)], axis=1)
    frame["clinical__lymph_node"] = rng.integers(0, 2, n)
    frame["clinical__stage"] = rng.choice(["I", "II", "III"], n)
    return frame
