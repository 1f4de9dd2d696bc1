"""The two proofs of honesty: no signal gives an AUC of one half, a planted signal is found."""

import numpy as np
import pytest

from worker.compute.classifier.experiment import COMBINED, fold_parts, model_sources, run_experiment, stream_seed
from worker.compute.classifier.settings import TrainingSettings
from worker.compute.classifier.training import train_network
from worker.compute.metrics import area_under_curve
from worker.compute.phantoms.tables import feature_table
from worker.compute.splits import make_split
from worker.compute.tables import FeatureTable, table_from_frame
from worker.compute.volcano import volcano

QUICK = TrainingSettings(max_epochs=6, patience=3, features_per_source=6, width=16, heads=2, token_dropout=0.0)
TABLES = 20
HALF_WIDTH = 0.05


def generated(effect: float, seed: int, n: int = 259) -> FeatureTable:
    return table_from_frame(feature_table(n, effect, seed), target="tp53")


def fold_aucs(table: FeatureTable, seed: int) -> list[float]:
    """Per fold, not pooled: pooling probabilities of stratified folds pushes the AUC of no signal below one half."""
    split = make_split(table.groups, table.cancer_types, list(table.labels), seed=seed)
    found = []
    for fold in range(split.folds):
        train, validation = fold_parts(table, split, fold)
        trained = train_network(train, model_sources(table)[COMBINED], QUICK, seed=stream_seed(seed, COMBINED, fold))
        assert trained is not None
        auc = area_under_curve(validation.labels, trained[0].probabilities(validation))
        assert auc is not None
        found.append(auc)
    return found


@pytest.mark.slow
def test_labels_independent_of_everything_give_an_auc_of_one_half() -> None:
    means = np.array([np.mean(fold_aucs(generated(0.0, seed), seed)) for seed in range(TABLES)])
    half_width = 1.96 * means.std(ddof=1) / np.sqrt(TABLES)
    assert half_width <= HALF_WIDTH
    assert abs(means.mean() - 0.5) <= half_width, f"mean AUC {means.mean():.3f} ± {half_width:.3f}"


@pytest.mark.slow
def test_planted_features_lead_the_volcano_and_the_combined_model_beats_the_organ() -> None:
    frame = feature_table(259, 1.0, seed=5)
    table = table_from_frame(frame, target="tp53")
    ranked = list(volcano(table)["feature"])
    planted = set(frame.attrs["planted"])
    assert len(planted & set(ranked[: len(planted)])) >= 0.9 * len(planted)
    result = run_experiment(table, seed=5, settings=QUICK)
    combined, organ = result.models[COMBINED], result.baselines["organ_only"]
    assert combined.test.n == organ.test.n == 26
    assert combined.cross_validation()["auc"] > organ.cross_validation()["auc"] + 0.2
    assert combined.test.metrics["auc"].value > organ.test.metrics["auc"].value + 0.2
