"""``features IMAGE MASK OUT.csv``: one row of radiomic features under PyRadiomics' names."""

import argparse
import csv
import sys
from pathlib import Path

from worker.compute.command_line import require_apart, require_writable_file

NAME = "features"
HELP = "radiomic features of a region: one CSV row with PyRadiomics' feature names"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("image", type=Path, help="CT in HU or PET in SUVbw, the whole volume")
    parser.add_argument("mask", type=Path, help="label image on the same grid")
    parser.add_argument("out", type=Path, help="CSV file to write")
    parser.add_argument("--recipe", choices=["tumour", "bat"], required=True, help="1,781 or 342 features")
    parser.add_argument("--modality", choices=["ct", "pet"], default="ct", help="bin width: ct 25 HU, pet 0.1 SUV")
    parser.add_argument("--labels", type=int, nargs="+", help="labels to merge into the region (default: all)")


def run(args: argparse.Namespace) -> None:
    require_apart(args.out, args.image, args.mask)
    require_writable_file(args.out)
    from worker.compute.radiomics.extraction import extract_features
    from worker.compute.radiomics.reading import read_image
    from worker.compute.radiomics.recipe import standard_recipe

    recipe = standard_recipe(args.recipe, args.modality)
    result = extract_features(read_image(args.image), read_image(args.mask), recipe, labels=args.labels)
    for warning in result.warnings:
        print(warning, file=sys.stderr)
    with args.out.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(result.names)
        writer.writerow([repr(value) for value in result.values.tolist()])
