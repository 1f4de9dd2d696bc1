"""Clusters of deep features and what they go along with (paper section 2.6 and Figure 9)."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd
from scipy.cluster.hierarchy import leaves_list, linkage
from sklearn.cluster import AgglomerativeClustering
from sklearn.manifold import TSNE
from sklearn.metrics import adjusted_rand_score, davies_bouldin_score

from worker.compute.errors import InsufficientData
from worker.compute.statistics import Association, associate
from worker.compute.tables import CLINICAL, FeatureTable

CLUSTER_COUNTS = range(2, 10)
"""Paper section 2.6: 2 to 9 clusters."""

DEEP_PREFIX = "deep_"
MINIMUM_CASES = 6
PERPLEXITY = 30.0
"""t-SNE's usual perplexity; a third of the cases where they are few, since it must stay below their number."""


@dataclass(frozen=True, kw_only=True, eq=False)
class ClusterResult:
    """``clusters`` (n,) are numbered from 1, the largest first. ``tsne`` is (n, 2), unitless.

    ``davies_bouldin`` maps k to the index (lower is better). ``agreement_tsne`` is the adjusted Rand index between
    the clusters of the vectors and those found, with the same k, on their t-SNE image; ``best_k_tsne`` is the image's
    own k. ``row_order`` and ``column_order`` arrange the heat map: cases by cluster, then along the tree; features
    along theirs.
    """

    case_ids: tuple[str, ...]
    clusters: np.ndarray
    k: int
    davies_bouldin: dict[int, float]
    tsne: np.ndarray
    perplexity: float
    clusters_tsne: np.ndarray
    best_k_tsne: int
    agreement_tsne: float
    standardised: np.ndarray
    feature_names: tuple[str, ...]
    row_order: np.ndarray
    column_order: np.ndarray
    seed: int
    associations: dict[str, Association]

    def assignments(self, categories: dict[str, Sequence[str]]) -> pd.DataFrame:
        """assignments.csv: each case's cluster, that of its t-SNE image, its coordinates and its categories."""
        columns = {"id": self.case_ids, "cluster": self.clusters, "cluster_tsne": self.clusters_tsne}
        return pd.DataFrame({**columns, "tsne_1": self.tsne[:, 0], "tsne_2": self.tsne[:, 1], **categories})

    def to_json(self) -> dict:
        """clusters.json: everything but the matrix."""
        return {
            "k": self.k,
            "n": len(self.case_ids),
            "davies_bouldin": {str(k): value for k, value in self.davies_bouldin.items()},
            "sizes": {str(c): int((self.clusters == c).sum()) for c in sorted(set(self.clusters.tolist()))},
            "tsne": {
                "perplexity": self.perplexity,
                "best_k": self.best_k_tsne,
                "adjusted_rand_before_after": self.agreement_tsne,
                "coordinates": [
                    {"id": case, "x": float(x), "y": float(y)}
                    for case, (x, y) in zip(self.case_ids, self.tsne, strict=True)
                ],
            },
            "heat_map": {
                "row_order": [self.case_ids[i] for i in self.row_order],
                "column_order": [self.feature_names[i] for i in self.column_order],
            },
            "associations": {name: asdict(found) for name, found in self.associations.items()},
            "seed": self.seed,
        }


def clustering_matrix(table: FeatureTable) -> tuple[list[str], np.ndarray]:
    """Names and values (n, p) of what is clustered: the columns deep_NN where there are any, or all image features.

    A missing value becomes its column's median; columns without any value are left out.
    """
    names = [n for key, s in table.sources.items() if key != CLINICAL for n in s.names]
    matrix = np.hstack([s.values for key, s in table.sources.items() if key != CLINICAL] or [np.empty((len(table), 0))])
    deep = [name.split("__")[-1].startswith(DEEP_PREFIX) for name in names]
    use = np.isfinite(matrix).any(axis=0) & (np.array(deep, dtype=bool) if any(deep) else True)
    if not use.any():
        raise InsufficientData("The table has no image features to cluster: extract features first.")
    matrix = matrix[:, use]
    filled = np.where(np.isfinite(matrix), matrix, np.nanmedian(matrix, axis=0))
    return [name for name, used in zip(names, use, strict=True) if used], filled


def cluster_cases(
    vectors: np.ndarray,
    case_ids: Sequence[str],
    *,
    seed: int,
    feature_names: Sequence[str] | None = None,
    compare_with: dict[str, Sequence[str]] | None = None,
    counts: Sequence[int] = CLUSTER_COUNTS,
) -> ClusterResult:
    """Ward clusters of finite ``vectors`` (n, p), each dimension standardised first; best k by Davies–Bouldin.

    ``compare_with`` names categories per case (TP53 state, cancer type) whose association with the clusters is tested;
    an empty category leaves the case out of its test. Raises InsufficientData for fewer than six distinct cases.
    """
    z, kept = _standardise(np.asarray(vectors, dtype=float))
    names = feature_names or [f"deep_{i:02d}" for i in range(len(kept))]
    clusters, scores = _best_clusters(z, counts)
    perplexity = min(PERPLEXITY, (len(z) - 1) / 3)
    tsne = _tsne(z, perplexity, seed)
    k = int(clusters.max())
    image_best, _ = _best_clusters(tsne, counts)
    image_clusters = _ward(tsne, k)
    return ClusterResult(
        case_ids=tuple(case_ids),
        clusters=clusters,
        k=k,
        davies_bouldin=scores,
        tsne=tsne,
        perplexity=float(perplexity),
        clusters_tsne=image_clusters,
        best_k_tsne=int(image_best.max()),
        agreement_tsne=float(adjusted_rand_score(clusters, image_clusters)),
        standardised=z,
        feature_names=tuple(np.asarray(names)[kept]),
        row_order=_row_order(z, clusters),
        column_order=_tree_order(z.T),
        seed=seed,
        associations={
            name: associate([str(c) for c in clusters], list(values), seed=seed)
            for name, values in (compare_with or {}).items()
        },
    )


def _standardise(vectors: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """z-scores of the dimensions that vary, and which those are."""
    if not np.isfinite(vectors).all():
        raise InsufficientData("Some deep features are missing or infinite: cluster complete vectors only.")
    kept = vectors.max(axis=0) > vectors.min(axis=0) if len(vectors) else np.zeros(vectors.shape[1], dtype=bool)
    distinct = len(np.unique(vectors, axis=0))
    if distinct < MINIMUM_CASES or not kept.any():
        raise InsufficientData(
            f"{distinct} different cases cannot be clustered: at least {MINIMUM_CASES} are needed, so add patients."
        )
    varying = vectors[:, kept]
    return (varying - varying.mean(axis=0)) / varying.std(axis=0), kept


def _best_clusters(points: np.ndarray, counts: Sequence[int]) -> tuple[np.ndarray, dict[int, float]]:
    distinct = len(np.unique(points, axis=0))
    candidates = {k: _ward(points, k) for k in counts if k < distinct}
    scores = {k: float(davies_bouldin_score(points, labels)) for k, labels in candidates.items()}
    return candidates[min(scores, key=lambda k: (scores[k], k))], scores


def _ward(points: np.ndarray, k: int) -> np.ndarray:
    """Cluster numbers from 1, the largest cluster first."""
    labels = AgglomerativeClustering(n_clusters=k, linkage="ward").fit_predict(points)
    by_size = np.argsort(-np.bincount(labels, minlength=k), kind="stable")
    return np.argsort(by_size)[labels] + 1


def _tsne(z: np.ndarray, perplexity: float, seed: int) -> np.ndarray:
    model = TSNE(perplexity=perplexity, init="pca" if z.shape[1] > 1 else "random", random_state=seed, n_jobs=1)
    return model.fit_transform(z).astype(float)


def _row_order(z: np.ndarray, clusters: np.ndarray) -> np.ndarray:
    tree_position = np.argsort(_tree_order(z))
    return np.lexsort((tree_position, clusters))


def _tree_order(points: np.ndarray) -> np.ndarray:
    return (
        leaves_list(linkage(points, method="ward", optimal_ordering=True))
        if len(points) > 1
        else np.arange(len(points))
    )
