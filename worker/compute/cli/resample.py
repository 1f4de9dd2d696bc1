"""``resample MOVING.nii.gz REFERENCE.nii.gz OUT.nii.gz [--mask]``: one volume on another's grid."""

import argparse

from worker.compute.command_line import finite

NAME = "resample"
HELP = "put a volume on the grid of another: linear for images, nearest for masks"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("moving", metavar="MOVING.nii.gz")
    parser.add_argument("reference", metavar="REFERENCE.nii.gz")
    parser.add_argument("out", metavar="OUT.nii.gz")
    parser.add_argument("--mask", action="store_true", help="the volume is a mask: nearest voxel, 0 outside it")
    help_offset = "moves the volume before it is resampled, in mm LPS"
    parser.add_argument(
        "--offset", nargs=3, type=finite, default=(0.0, 0.0, 0.0), metavar=("X", "Y", "Z"), help=help_offset
    )


def run(args: argparse.Namespace) -> None:
    from worker.compute.command_line import require_apart
    from worker.compute.errors import GeometryMismatch
    from worker.compute.nifti import read_nifti, write_nifti
    from worker.compute.resample import resample_to

    require_apart(args.out, args.moving, args.reference)
    interpolation = "nearest" if args.mask else "linear"
    moving, reference = read_nifti(args.moving), read_nifti(args.reference)
    volume, missing_zyx = resample_to(
        moving, reference.geometry, interpolation=interpolation, offset_lps_mm=tuple(args.offset)
    )
    if missing_zyx.all():
        raise GeometryMismatch(
            f"{args.moving} ({moving.geometry.describe()}) and {args.reference} ({reference.geometry.describe()}) do "
            "not overlap: give volumes of one examination, or set --offset."
        )
    write_nifti(volume, args.out)
    outside = "0" if args.mask else "NaN"
    print(
        f"{volume.geometry.describe()}; {missing_zyx.mean():.1%} of it lies outside the resampled volume ({outside} "
        "there)"
    )
