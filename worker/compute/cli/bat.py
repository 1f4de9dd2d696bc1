"""``bat CT.nii.gz SUV.nii.gz OUT.nii.gz``: brown fat by the paper's rule on the CT grid."""

import argparse

from worker.compute.command_line import finite, not_negative
from worker.compute.errors import ComputeError

NAME = "bat"
HELP = "mark brown fat: SUV above 1.5 in -190 to -10 HU, on the CT grid"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("ct", metavar="CT.nii.gz", help="in HU")
    parser.add_argument("suv", metavar="SUV.nii.gz", help="in SUVbw; resampled onto the CT grid where it has another")
    parser.add_argument("out", metavar="OUT.nii.gz")
    parser.add_argument("--suv-threshold", type=finite, default=1.5, help="SUV must be above it (1.5)")
    parser.add_argument("--hu-min", type=finite, default=-190.0)
    parser.add_argument("--hu-max", type=finite, default=-10.0)
    parser.add_argument("--min-component-ml", type=not_negative, default=0.0, help="drop smaller pieces (off)")
    parser.add_argument(
        "--lesions", metavar="MASK.nii.gz", help="on the CT grid: brown fat is not looked for inside it"
    )
    parser.add_argument("--lesion-margin-mm", type=not_negative, default=0.0, help="and within this distance of it")


def run(args: argparse.Namespace) -> None:
    from worker.compute.bat import bat_mask
    from worker.compute.command_line import require_apart
    from worker.compute.nifti import read_nifti, require_unit, write_nifti
    from worker.compute.resample import analysis_grid
    from worker.compute.roi_voxels import read_labels

    if args.hu_min > args.hu_max:
        raise ComputeError(f"No HU lies from {args.hu_min:g} to {args.hu_max:g}: give the lower one as --hu-min.")
    require_apart(args.out, args.ct, args.suv)
    ct, suv_bw = require_unit(read_nifti(args.ct), "HU", args.ct), require_unit(read_nifti(args.suv), "SUVbw", args.suv)
    if not ct.geometry.same_grid(suv_bw.geometry):
        suv_bw = analysis_grid(ct, suv_bw, crop_xy=None).pet
    mask = bat_mask(
        ct,
        suv_bw,
        suv_threshold=args.suv_threshold,
        hu_min=args.hu_min,
        hu_max=args.hu_max,
        min_component_ml=args.min_component_ml,
        lesions=read_labels(args.lesions) if args.lesions else None,
        lesion_margin_mm=args.lesion_margin_mm,
    )
    write_nifti(mask, args.out)
    count = int(mask.array_zyx.sum())
    print(f"brown fat: {count} voxels, {count * mask.geometry.voxel_volume_ml:.1f} ml")
