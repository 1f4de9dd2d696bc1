"""segment MODEL_DIR CT.nii.gz SUV.nii.gz OUT.nii.gz"""

import argparse
from pathlib import Path

NAME = "segment"
HELP = "the tumour mask of a PET/CT by a model that segment-train made"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("model_dir", type=Path, metavar="MODEL_DIR", help="the OUT_DIR of segment-train")
    parser.add_argument("ct", type=Path, metavar="CT.nii.gz", help="CT in HU; the mask is on its grid")
    parser.add_argument("suv_bw", type=Path, metavar="SUV.nii.gz", help="PET in SUVbw, on the CT's grid or its own")
    parser.add_argument("out", type=Path, metavar="OUT.nii.gz")
    parser.add_argument("--fold", type=int, action="append", help="only this fold (may be repeated); default: all")


def run(args: argparse.Namespace) -> None:
    from worker.compute.command_line import require_apart
    from worker.compute.nifti import read_nifti, require_unit, write_nifti
    from worker.compute.segmentation.predict import predict_case

    require_apart(args.out, args.ct, args.suv_bw)
    ct = require_unit(read_nifti(args.ct), "HU", args.ct)
    suv_bw = require_unit(read_nifti(args.suv_bw), "SUVbw", args.suv_bw)
    mask = predict_case(args.model_dir, ct, suv_bw, args.fold)
    write_nifti(mask, args.out)
