"""``volcano``: every feature of a table against a binary label."""

import argparse
from pathlib import Path

NAME = "volcano"
HELP = "Compare every image feature between the two classes: p, Benjamini-Hochberg q, fold change, effect size."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("table", type=Path, metavar="TABLE.csv", help="one row per case, one column per feature")
    parser.add_argument("out", type=Path, metavar="OUT.csv", help="one row per feature, most significant first")
    parser.add_argument("--target", required=True, metavar="COLUMN", help="binary column (0 or 1)")


def run(args: argparse.Namespace) -> None:
    from worker.compute.command_line import require_apart, require_writable_file, require_writable_folder
    from worker.compute.tables import read_table
    from worker.compute.volcano import ALPHA, volcano

    require_apart(args.out, args.table)
    table = read_table(args.table, target=args.target)
    frame = volcano(table)
    require_writable_folder(args.out.parent)
    require_writable_file(args.out)
    frame.to_csv(args.out, index=False)
    for sentence in table.warnings:
        print(sentence)
    significant = int((frame["q"] < ALPHA).sum())
    print(f"{significant} of {len(frame)} features differ between the classes at a false discovery rate of {ALPHA:.0%}")
