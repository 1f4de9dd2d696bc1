"""``mask RTSTRUCT_OR_SEG.dcm REFERENCE_SERIES_DIR OUT.nii.gz --roi NAME``: one region as a mask on a series' grid."""

import argparse

NAME = "mask"
HELP = "write one region of an RTSTRUCT, DICOM SEG or NIfTI mask on the grid of a series"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("regions", metavar="RTSTRUCT_OR_SEG.dcm", help="RTSTRUCT, DICOM SEG or NIfTI mask")
    parser.add_argument("reference", metavar="REFERENCE_SERIES_DIR", help="folder of one series, or a NIfTI volume")
    parser.add_argument("out", metavar="OUT.nii.gz")
    parser.add_argument("--roi", required=True, metavar="NAME", help="name of the region, or its number")


def run(args: argparse.Namespace) -> None:
    from worker.compute.command_line import require_apart
    from worker.compute.dicom import read_series
    from worker.compute.nifti import read_nifti, write_nifti
    from worker.compute.rtstruct import rasterise_roi

    require_apart(args.out, args.regions, args.reference)
    is_nifti = args.reference.endswith((".nii", ".nii.gz"))
    reference = read_nifti(args.reference).geometry if is_nifti else read_series(args.reference).geometry
    mask = rasterise_roi(args.regions, reference, args.roi)
    write_nifti(mask, args.out)
    count = int(mask.array_zyx.sum())
    print(f"{mask.metadata['roi_name']}: {count} voxels, {count * mask.geometry.voxel_volume_ml:.2f} ml")
    for warning in mask.metadata["warnings"]:
        print(f"warning: {warning}")
