"""``cluster``: clusters of the cases of a table, their t-SNE image, and what the clusters go along with."""

import argparse
from pathlib import Path

from worker.compute.command_line import seed

NAME = "cluster"
HELP = "Cluster the cases of a feature table (Ward, k by Davies-Bouldin) and test what the clusters go along with."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "table",
        type=Path,
        metavar="TABLE.csv",
        help="one row per case; columns deep_NN are used alone if there are any",
    )
    parser.add_argument("out_dir", type=Path, metavar="OUT_DIR", help="assignments.csv and clusters.json go here")
    parser.add_argument(
        "--target", metavar="COLUMN", help="binary column whose association with the clusters is tested"
    )
    parser.add_argument(
        "--seed", type=seed, default=0, metavar="N", help="decides t-SNE and Monte Carlo tests (default 0)"
    )


def run(args: argparse.Namespace) -> None:
    import json

    from worker.compute.clustering import cluster_cases, clustering_matrix
    from worker.compute.command_line import require_writable_folder
    from worker.compute.tables import read_table

    table = read_table(args.table, target=args.target)
    names, vectors = clustering_matrix(table)
    categories = {}
    if args.target:
        categories[args.target] = [str(label) for label in table.labels]
    if any(table.cancer_types):
        categories["cancer_type"] = list(table.cancer_types)
    result = cluster_cases(vectors, table.ids, seed=args.seed, feature_names=names, compare_with=categories)
    require_writable_folder(args.out_dir)
    (args.out_dir / "clusters.json").write_text(json.dumps(result.to_json(), indent=1, allow_nan=False))
    result.assignments(categories).to_csv(args.out_dir / "assignments.csv", index=False)
    for sentence in table.warnings:
        print(sentence)
    print(f"{result.k} clusters of {len(table)} cases, Davies-Bouldin index {result.davies_bouldin[result.k]:.3f}")
    for name, found in result.associations.items():
        print(
            f"clusters and {name}: " + (found.reason or f"{found.test}, p = {found.p:.4g}, V = {found.cramers_v:.3f}")
        )
