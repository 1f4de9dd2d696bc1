"""``volume SERIES_DIR OUT.nii.gz``: one DICOM series as NIfTI, CT in HU, PET in its stored unit."""

import argparse

NAME = "volume"
HELP = "write one DICOM series as NIfTI: CT in HU, PET in its stored unit"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("series_dir", metavar="SERIES_DIR", help="folder of one CT or PET series")
    parser.add_argument("out", metavar="OUT.nii.gz")
    parser.add_argument("--series-uid", help="the SeriesInstanceUID to read where the folder holds several")


def run(args: argparse.Namespace) -> None:
    from worker.compute.dicom import read_volume
    from worker.compute.nifti import write_nifti

    volume = read_volume(args.series_dir, args.series_uid)
    write_nifti(volume, args.out)
    print(f"{volume.unit}: {volume.geometry.describe()}")
    for warning in volume.metadata["warnings"]:
        print(f"warning: {warning}")
