"""Feature tables of the cohort's size and shape without images, for the proofs of statistics and models."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from worker.compute.phantoms import marginals

SOURCES = {"tumour_ct": 1781, "tumour_pet": 1781, "bat_ct": 342, "bat_pet": 342}
PLANTED_PER_SOURCE = 10
FACTORS = 24
# Share of a feature's variance that the common factors explain: radiomic features come in correlated families.
SHARED_VARIANCE = 0.7
ORGAN_SHIFT = 0.6


def feature_table(
    n: int = 259,
    effect: float = 1.0,
    seed: int = 0,
    names: Mapping[str, Sequence[str]] | None = None,
    planted: Sequence[str] | None = None,
) -> pd.DataFrame:
    """``n`` patients with 4,246 features (``tumour_ct__…`` to ``bat_pet__…``), clinical columns, organ and label.

    ``names`` gives feature names per source in place of generic ones, ``planted`` the columns that differ between the
    labels by Cohen's d = ``effect`` (default: 10 spread over each source). ``table.attrs['planted']`` lists them. The
    label ``tp53`` (0/1, one half each) is independent of ``cancer_type`` and the clinical columns, with effect 0 of
    everything; features do depend on the organ. All features are positive, half of them skewed.
    """
    rng = np.random.default_rng((seed, 2))
    columns = feature_columns(names)
    planted = tuple(planted) if planted is not None else planted_columns(columns)
    organ = np.repeat(marginals.CANCER_TYPES, list(marginals.patients_per_cancer(n).values()))
    label = rng.permutation(np.arange(n) % 2)
    scores = _correlated_scores(organ, len(columns), rng)
    where = [columns.index(name) for name in planted]
    scores[:, where] += effect * (label[:, None] - 0.5)
    table = pd.DataFrame(_to_feature_values(scores, rng), columns=columns)
    table = pd.concat([table, _clinical_columns(organ, rng)], axis=1)
    table.insert(0, "cancer_type", organ)
    table.insert(0, "tp53", label)
    table.insert(0, "patient", [f"SYN-{index:04d}" for index in range(1, n + 1)])
    table.attrs["planted"] = list(planted)
    return table.sample(frac=1, random_state=seed).reset_index(drop=True)


def feature_columns(names: Mapping[str, Sequence[str]] | None = None) -> list[str]:
    """The prefixed column names of all four sources."""
    if names is None:
        names = {source: [f"feature_{index:04d}" for index in range(count)] for source, count in SOURCES.items()}
    return [f"{source}__{name}" for source in SOURCES for name in names[source]]


def planted_columns(columns: Sequence[str], per_source: int = PLANTED_PER_SOURCE) -> tuple[str, ...]:
    """Evenly spaced columns of each source, so that every class of features has some."""
    chosen = []
    for source in SOURCES:
        own = [name for name in columns if name.startswith(f"{source}__")]
        chosen += [own[index] for index in np.linspace(0, len(own) - 1, per_source).astype(int)]
    return tuple(chosen)


def _correlated_scores(organ: np.ndarray, features: int, rng: np.random.Generator) -> np.ndarray:
    """Standard scores (patients × features) from common factors, some of which differ between the organs."""
    factors = rng.normal(size=(organ.size, FACTORS))
    shift = rng.normal(0, ORGAN_SHIFT, size=(len(marginals.CANCER_TYPES), FACTORS))
    factors += shift[[marginals.CANCER_TYPES.index(name) for name in organ]]
    factors = (factors - factors.mean(axis=0)) / factors.std(axis=0)
    loadings = rng.normal(size=(FACTORS, features))
    loadings *= np.sqrt(SHARED_VARIANCE) / np.linalg.norm(loadings, axis=0)
    return factors @ loadings + rng.normal(0, np.sqrt(1 - SHARED_VARIANCE), size=(organ.size, features))


def _to_feature_values(scores: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Scores on scales as different as those of radiomic features: positive, every other one log-normal."""
    scale = 10.0 ** rng.uniform(-2, 4, size=scores.shape[1])
    skewed = np.arange(scores.shape[1]) % 2 == 1
    shape = np.where(skewed, np.exp(0.5 * scores), np.maximum(1 + 0.12 * scores, 0.05))
    return scale * shape


def _clinical_columns(organ: np.ndarray, rng: np.random.Generator) -> pd.DataFrame:
    """Lymph node 0/1, grade 1–3 and stage 1–4 (0 indeterminate) with Table 1's marginals."""
    clinical = pd.DataFrame(index=range(organ.size), columns=["lymph_node", "grade", "stage"], dtype=float)
    for cancer in marginals.CANCER_TYPES:
        rows = np.flatnonzero(organ == cancer)
        for column, codes, counts in (
            ("lymph_node", (0, 1), marginals.NODE_COUNTS),
            ("grade", (1, 2, 3), marginals.GRADE_COUNTS),
            ("stage", (1, 2, 3, 4, 0), marginals.STAGE_COUNTS),
        ):
            clinical.loc[rows, column] = marginals.shuffled_categories(codes, counts[cancer], rows.size, rng)
    return clinical.add_prefix("clinical__")
