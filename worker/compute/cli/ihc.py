"""``ihc IMAGE OUT.json``: the share of stained nuclei in a p53 photograph, as a proposal to be judged."""

import argparse

NAME = "ihc"
HELP = "propose the share of DAB-stained nuclei in a photograph of a p53 stain"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("image", metavar="IMAGE", help="JPEG, PNG or TIFF, in colour")
    parser.add_argument("out", metavar="OUT.json", help="percentage, counts, outlines and warnings")
    parser.add_argument(
        "--region", nargs="+", type=_point, metavar="X,Y", help="corners of a polygon in pixels (the whole picture)"
    )
    parser.add_argument("--overlay", metavar="OUT.png", help="the photograph with the outlines of the nuclei")


def _point(text: str) -> tuple[float, float]:
    from worker.compute.command_line import finite

    x, _, y = text.partition(",")
    return finite(x), finite(y)


def run(args: argparse.Namespace) -> None:
    import json
    from pathlib import Path

    import numpy as np

    from worker.compute.command_line import require_writable_file, show_progress
    from worker.compute.ihc import quantify
    from worker.compute.ihc_overlay import overlaid
    from worker.compute.pictures import read_picture

    for path in filter(None, (args.out, args.overlay)):
        require_writable_file(path)
    picture = read_picture(args.image)
    found = quantify(np.asarray(picture), args.region, show_progress)
    Path(args.out).write_text(json.dumps(found.to_json(), indent=1), encoding="utf-8")
    if args.overlay:
        overlaid(picture, found).save(args.overlay, "PNG")
    print(f"{found.percent_positive:.1f} % of {found.nuclei} nuclei stain ({found.positive} positive)")
    for sentence in found.warnings:
        print(sentence)
