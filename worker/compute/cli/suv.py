"""``suv SERIES_DIR OUT.nii.gz [--passport OUT.json]``: one PET series in SUVbw, and how it was computed."""

import argparse

NAME = "suv"
HELP = "write one PET series as NIfTI in SUVbw"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("series_dir", metavar="SERIES_DIR", help="folder of one PET series")
    parser.add_argument("out", metavar="OUT.nii.gz")
    parser.add_argument("--passport", metavar="OUT.json", help="inputs, formula, factors and warnings")
    parser.add_argument("--series-uid", help="the SeriesInstanceUID to read where the folder holds several")


def run(args: argparse.Namespace) -> None:
    import json
    from pathlib import Path

    from worker.compute.command_line import require_apart, require_writable_file
    from worker.compute.dicom import read_series
    from worker.compute.nifti import write_nifti
    from worker.compute.suv import compute_suv_bw

    if args.passport:
        require_apart(args.passport, args.out)
        require_writable_file(args.passport)
    volume, passport = compute_suv_bw(read_series(args.series_dir, args.series_uid))
    write_nifti(volume, args.out)
    if args.passport:
        Path(args.passport).write_text(json.dumps(passport.to_json(), indent=2) + "\n")
    print(f"{passport.formula} (factor {passport.factors[0]:.6e}): {volume.geometry.describe()}")
    for warning in volume.metadata["warnings"]:
        print(f"warning: {warning}")
