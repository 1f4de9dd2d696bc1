"""agreement MASK MASK [MASK…] OUT.json"""

import argparse
import json
from pathlib import Path

from worker.compute.errors import UnreadableInput

NAME = "agreement"
HELP = "Dice, surface Dice, HD95 and volumes for each pair of masks, and Fleiss' kappa of all"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("masks", type=Path, nargs="+", metavar="MASK", help="NIfTI masks on one grid, at least two")
    parser.add_argument("out", type=Path, metavar="OUT.json")
    parser.add_argument(
        "--tolerance-mm",
        type=_length_mm,
        default=4.0,
        metavar="MM",
        help="of surface Dice (default: 4, about one PET voxel)",
    )


def _length_mm(text: str) -> float:
    try:
        length_mm = float(text)
    except ValueError:
        length_mm = float("nan")
    if not 0 <= length_mm < float("inf"):
        raise argparse.ArgumentTypeError(f"{text} is not a length of 0 mm or more")
    return length_mm


def run(args: argparse.Namespace) -> None:
    from worker.compute.agreement import DEFINITIONS, agreement
    from worker.compute.command_line import require_apart, require_writable_file
    from worker.compute.fleiss import BACKGROUND, kappa_of_masks
    from worker.compute.roi_voxels import read_labels

    if args.out.name.endswith((".nii", ".nii.gz")):  # The last mask, where OUT.json was forgotten.
        raise UnreadableInput(f"{args.out} is the name of a mask: give the name of the JSON file as the last argument.")
    require_apart(args.out, *args.masks)
    require_writable_file(args.out)
    names = [str(path) for path in args.masks]
    masks = [read_labels(path) for path in args.masks]
    pairs = agreement(masks, names, tolerance_mm=args.tolerance_mm)
    content = {
        "definitions": DEFINITIONS,
        "pairs": [pair.to_json() for pair in pairs],
        "fleiss": {**kappa_of_masks(masks, names).to_json(), "background": BACKGROUND},
    }
    args.out.write_text(json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False), encoding="utf-8")
