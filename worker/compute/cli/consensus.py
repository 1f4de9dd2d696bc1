"""consensus MASK MASK [MASK…] OUT.nii.gz --method majority|staple"""

import argparse
import json
from pathlib import Path

NAME = "consensus"
HELP = "one mask from several readers' masks"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("masks", type=Path, nargs="+", metavar="MASK", help="NIfTI masks on one grid, at least two")
    parser.add_argument("out", type=Path, metavar="OUT.nii.gz")
    parser.add_argument("--method", choices=("majority", "staple"), default="majority")


def run(args: argparse.Namespace) -> None:
    from worker.compute.command_line import require_apart
    from worker.compute.consensus import majority, staple
    from worker.compute.nifti import write_nifti
    from worker.compute.roi_voxels import read_labels

    require_apart(args.out, *args.masks)
    combine = {"majority": majority, "staple": staple}[args.method]
    result = combine([read_labels(path) for path in args.masks], [str(path) for path in args.masks])
    write_nifti(result.mask, args.out)
    summary = {
        "method": result.method,
        "masks": len(args.masks),
        "voxels": int(result.mask.array_zyx.sum()),
        "tie_voxels": result.tie_voxels,
        "sensitivities": result.sensitivities,
        "specificities": result.specificities,
    }
    print(json.dumps(summary))
