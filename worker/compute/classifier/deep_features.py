"""Deep feature vectors of all patients in one space, with a held-out version for the training patients."""

import numpy as np
from scipy.linalg import orthogonal_procrustes

from worker.compute.classifier.ensemble import Ensemble
from worker.compute.classifier.results import DeepFeatures
from worker.compute.splits import Split
from worker.compute.tables import FeatureTable


def embed_everyone(ensemble: Ensemble, table: FeatureTable, split: Split) -> DeepFeatures:
    """The vectors of every case that has one of the ensemble's sources; DeepFeatures says how both kinds are made."""
    held = table.rows(ensemble.can_predict(table))
    folds = np.array([split.fold_by_id.get(group, -1) for group in held.groups])
    sealed = set(split.test_ids)
    refit = ensemble.deep_features(held)
    return DeepFeatures(
        case_ids=held.ids,
        parts=tuple(
            "test" if g in sealed else "train" if f >= 0 else "new" for g, f in zip(held.groups, folds, strict=True)
        ),
        labels=held.labels,
        cancer_types=held.cancer_types,
        refit=refit,
        held_out=_held_out(ensemble, held, folds, refit),
    )


def _held_out(ensemble: Ensemble, table: FeatureTable, folds: np.ndarray, refit: np.ndarray) -> np.ndarray:
    """Fold networks' vectors rotated onto the refit's; both spaces are centred on the anchor cases."""
    vectors = refit.copy()
    for fold, network in enumerate(ensemble.members):
        anchors, unseen = (folds >= 0) & (folds != fold), folds == fold
        if not unseen.any() or not anchors.any():
            continue
        own = network.deep_features(table)
        own_centre, refit_centre = own[anchors].mean(axis=0), refit[anchors].mean(axis=0)
        rotation, _ = orthogonal_procrustes(own[anchors] - own_centre, refit[anchors] - refit_centre)
        vectors[unseen] = (own[unseen] - own_centre) @ rotation + refit_centre
    return vectors
