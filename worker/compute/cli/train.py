"""``train``: the models of the paper on a feature table."""

import argparse
from pathlib import Path

from worker.compute.command_line import require_writable_folder, seed

NAME = "train"
HELP = (
    "Train the models of a feature table with five folds and a sealed test set. Columns prefixed tumour_ct__, "
    "tumour_pet__, bat_ct__, bat_pet__ and clinical__ give one model per source and the combined "
    "one, otherwise one model."
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("table", type=Path, metavar="TABLE.csv", help="one row per case, one column per feature")
    parser.add_argument(
        "out_dir", type=Path, metavar="OUT_DIR", help="metrics.json, predictions.csv and models/ go here"
    )
    parser.add_argument("--target", required=True, metavar="COLUMN", help="binary column to predict (0 or 1)")
    parser.add_argument("--group", metavar="COLUMN", help="patient of each row, if a patient has several")
    parser.add_argument(
        "--seed", type=seed, default=0, metavar="N", help="decides the split and the training (default 0)"
    )


def run(args: argparse.Namespace) -> None:
    from worker.compute.classifier.experiment import run_experiment
    from worker.compute.classifier.reports import write_experiment
    from worker.compute.tables import read_table

    table = read_table(args.table, target=args.target, group=args.group)
    require_writable_folder(args.out_dir)
    result = run_experiment(table, seed=args.seed)
    write_experiment(result, args.out_dir)
    for sentence in (*result.warnings, *result.skipped.values()):
        print(sentence)
    for name, model in {**result.models, **result.baselines}.items():
        folds = model.cross_validation()
        test = f"test: {_words(model.test.to_json())} (n = {model.test.n})"
        print(f"{name:22s} folds: {_words(folds)} (n = {folds['n']})   {test}")


def _words(figures: dict) -> str:
    values = (figures["accuracy"], figures["auc"])
    return "accuracy {}, AUC {}".format(*("undefined" if v is None else f"{v:.3f}" for v in values))
