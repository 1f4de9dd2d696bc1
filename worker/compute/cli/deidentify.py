"""``deidentify IN_DIR OUT_DIR --secret TEXT``: DICOM files by PS3.15's Basic Profile, before anything is stored."""

import argparse
from collections import Counter
from pathlib import Path

from worker.compute.errors import ComputeError

NAME = "deidentify"
HELP = "De-identify a folder of DICOM files (PS3.15 Basic Profile; dates shifted, SUV kept computable)"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("in_dir", type=Path, metavar="IN_DIR")
    parser.add_argument("out_dir", type=Path, metavar="OUT_DIR")
    parser.add_argument("--secret", required=True, help="the cohort's secret: it keys pseudonyms, UIDs and date shifts")


def run(args: argparse.Namespace) -> None:
    """Prints one line per refused file (by its number in the sorted walk, never by name) and the totals."""
    from worker.compute.deidentify import deidentify_tree

    _refuse_mixing(args.in_dir.resolve(), args.out_dir.resolve())
    outcomes = deidentify_tree(args.in_dir, args.out_dir, args.secret)
    for outcome in outcomes:
        if outcome.status == "refused":
            print(f"file {outcome.file_number} refused: {outcome.reason}")
    counts = Counter(outcome.status for outcome in outcomes)
    print(", ".join(f"{counts[status]} {status}" for status in ("stored", "refused", "ignored")))
    if not counts["stored"]:
        raise ComputeError("No file could be stored: see the reasons above.")


def _refuse_mixing(in_dir: Path, out_dir: Path) -> None:
    """Named files beside clean ones would be taken for clean, and a second run would take clean ones as its input."""
    if in_dir == out_dir or in_dir in out_dir.parents or out_dir in in_dir.parents:
        raise ComputeError(
            f"{out_dir} and {in_dir} contain one another: choose an output folder apart from the originals."
        )
