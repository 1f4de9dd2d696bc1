"""segment-train DATASET_DIR OUT_DIR [--small]"""

import argparse
import json
from pathlib import Path

from worker.compute.command_line import show_progress

NAME = "segment-train"
HELP = "train nnU-Net on imagesTr/CASE_0000 (CT), CASE_0001 (SUVbw) and labelsTr/CASE"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("dataset_dir", type=Path, metavar="DATASET_DIR", help="nnU-Net's raw layout, .nii.gz files")
    parser.add_argument("out_dir", type=Path, metavar="OUT_DIR", help="the model folder, with out_of_fold masks")
    parser.add_argument("--small", action="store_true", help="the recipe for a CPU instead of the paper's (GPU)")


def run(args: argparse.Namespace) -> None:
    from worker.compute.segmentation.settings import PAPER, SMALL
    from worker.compute.segmentation.training import train

    result = train(args.dataset_dir, args.out_dir, SMALL if args.small else PAPER, show_progress)
    summary = {
        "model_dir": str(result.model_dir),
        "best_dice": [fold.best_dice for fold in result.folds],
        "mean_out_of_fold_dice": result.mean_out_of_fold_dice,
        "manifest_sha256": result.manifest_sha256,
    }
    print(json.dumps(summary))
