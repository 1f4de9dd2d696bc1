"""agreement MASK MASK [MASK…] OUT.json"""

import argparse
import json
from pathlib import Path

NAME = "agreement"
HELP = "Dice, HD95 and volumes for each pair of masks"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("masks", type=Path, nargs="+", metavar="MASK", help="NIfTI masks on one grid, at least two")
    parser.add_argument("out", type=Path, metavar="OUT.json")


def run(args: argparse.Namespace) -> None:
    from worker.compute.agreement import DEFINITIONS, agreement
    from worker.compute.command_line import require_writable_file
    from worker.compute.nifti import read_nifti

    require_writable_file(args.out)
    pairs = agreement([read_nifti(path) for path in args.masks], [str(path) for path in args.masks])
    content = {"definitions": DEFINITIONS, "pairs": [pair.to_json() for pair in pairs]}
    args.out.write_text(json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False), encoding="utf-8")
