"""``phantom OUT_DIR --patients N``: a synthetic PET/CT cohort in DICOM with clinical table, masks and planted truth."""

import argparse
from pathlib import Path

from worker.compute.command_line import finite, require_writable_folder, seed, show_progress

NAME = "phantom"
HELP = "Write a synthetic PET/CT cohort: DICOM, masks of three readers, clinical.csv, planted.json"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("out_dir", type=Path, metavar="OUT_DIR")
    parser.add_argument(
        "--patients", type=int, required=True, help="includable patients; planted exclusions come on top"
    )
    parser.add_argument("--matrix", type=int, default=128, help="CT rows and columns (PET has three quarters)")
    parser.add_argument("--slices", type=int, default=90, help="slices over 675 mm, from pelvic floor to jaw")
    parser.add_argument(
        "--effect", type=finite, default=1.5, help="Cohen's d of TP53 in the planted traits; 0 for none"
    )
    parser.add_argument("--seed", type=seed, default=0, help="the same seed writes the same cohort")
    parser.add_argument("--clinical-only", action="store_true", help="clinical.csv alone, without images")
    parser.add_argument("--processes", type=int, default=2, help="patients written at the same time")


def run(args: argparse.Namespace) -> None:
    from worker.compute.phantoms.cohort import CohortRequest, write_clinical_part, write_cohort

    request = CohortRequest(
        patients=args.patients, matrix=args.matrix, slices=args.slices, effect=args.effect, seed=args.seed
    )
    require_writable_folder(args.out_dir)
    if args.clinical_only:
        plans = write_clinical_part(request, args.out_dir)
    else:
        plans = write_cohort(request, args.out_dir, show_progress, max(1, args.processes))
    outside = sum(bool(plan.exclusion) for plan in plans)
    print(f"{len(plans) - outside} synthetic patients and {outside} planted exclusions are in the folder.")
