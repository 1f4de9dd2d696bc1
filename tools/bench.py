"""``make bench``: cost of the slow computations, the viewer's speed beside named peers, saving under load, lists.

Clinical size: ``make bench ARGS="--matrix 512 --slices 260"``; one part alone: ``--only compute|viewer|saving|lists``.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

COMPUTE = (sys.executable, "-m", "worker.compute")


@dataclass(frozen=True)
class Measurement:
    """What one command cost; ``peak_mb`` is its largest resident memory."""

    title: str
    status: int
    wall_s: float
    cpu_s: float
    peak_mb: float


def main(arguments: list[str] | None = None) -> int:
    """Runs the parts that were asked for; returns 1 when one of them failed."""
    args = build_parser().parse_args(arguments)
    parts = {"compute": bench_compute, "viewer": bench_viewer, "saving": bench_saving, "lists": bench_lists}
    return max(part(args.matrix, args.slices) for name, part in parts.items() if args.only in (None, name))


def bench_compute(matrix: int, slices: int) -> int:
    """Prints one row a command."""
    with tempfile.TemporaryDirectory(prefix="petra-bench-") as folder:
        measurements = list(measure_all(Path(folder), matrix, slices))
    print_table(measurements, f"One patient, CT {matrix} × {matrix} × {slices}")
    return 0 if all(one.status == 0 for one in measurements) else 1


def bench_viewer(matrix: int, slices: int) -> int:
    """The browser's part (tests/benchmarks/viewer)."""
    size = {"PETRA_BENCH_MATRIX": str(matrix), "PETRA_BENCH_SLICES": str(slices)}
    return on_services("tests/benchmarks/viewer/speed.py", size)


def bench_saving(_matrix: int, slices: int) -> int:
    """Twenty readers who save a stroke a second for two minutes, on a PET of 192 × 192."""
    # WEB_CONCURRENCY in the environment says how many server processes uvicorn starts.
    load = {"PETRA_LOAD_SECONDS": "120", "PETRA_LOAD_SLICES": str(slices)}
    return on_services("tests/benchmarks/test_saving_load.py", load)


def bench_lists(_matrix: int, _slices: int) -> int:
    """Every list and board with 20 people, at 100 and at 10,000 patients, on as many web processes as in production."""
    size = {"PETRA_LISTS_PATIENTS": "10000", "PETRA_LISTS_FEW": "100", "PETRA_LISTS_PEOPLE": "20"}
    return on_services(
        "tests/benchmarks/test_lists_speed.py", {"PETRA_LISTS_SECONDS": "80", "WEB_CONCURRENCY": "2", **size}
    )


def on_services(measured: str, size: dict[str, str]) -> int:
    """Runs a measurement that prints its own table, on private services."""
    measure = [sys.executable, "-m", "pytest", "-s", measured]
    with tempfile.TemporaryDirectory(prefix="petra-bench-") as folder:
        services = [sys.executable, "-m", "tools.services", "run", "--dir", folder, "--fast", "--"]
        return subprocess.run([*services, *measure], env={**os.environ, **size}, check=False).returncode


def build_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tools.bench", description=__doc__)
    parser.add_argument("--matrix", type=int, default=128, help="rows and columns of the CT")
    parser.add_argument("--slices", type=int, default=90, help="slices of both series")
    parser.add_argument("--only", choices=["compute", "viewer", "saving", "lists"], help="one part alone")
    return parser


def measure_all(folder: Path, matrix: int, slices: int) -> Iterator[Measurement]:
    """Makes the phantom, then runs what a job would run on it."""
    cohort = folder / "cohort"
    size = ("--matrix", str(matrix), "--slices", str(slices))
    yield measure("make the phantom", "phantom", cohort, "--patients", "1", "--processes", "1", *size)
    patient = first_included(cohort / "planted.json")
    dicom, masks = cohort / "dicom" / patient, cohort / "masks" / patient
    ct, suv, pet, bat, tumour = (folder / f"{name}.nii.gz" for name in ("ct", "suv", "pet_on_ct", "bat", "tumour"))
    yield measure("de-identify", "deidentify", dicom, folder / "clean", "--secret", "bench")
    yield measure("CT to HU", "volume", dicom / "CT", ct)
    yield measure("PET to SUVbw", "suv", dicom / "PET", suv)
    yield measure("PET on the CT grid", "resample", suv, ct, pet)
    yield measure("tumour on the CT grid", "resample", masks / "truth_tumour.nii.gz", ct, tumour, "--mask")
    yield measure("brown fat by rule", "bat", ct, pet, bat)
    for name, image, mask, recipe in (
        ("tumour", ct, tumour, ("--recipe", "tumour", "--modality", "ct")),
        ("tumour", pet, tumour, ("--recipe", "tumour", "--modality", "pet")),
        ("brown fat", ct, bat, ("--recipe", "bat", "--modality", "ct")),
        ("brown fat", pet, bat, ("--recipe", "bat", "--modality", "pet")),
    ):
        title = f"features of {name}, {recipe[-1].upper()}"
        yield measure(title, "features", image, mask, folder / "features.csv", *recipe)


def first_included(planted: Path) -> str:
    """The hospital number of a patient without a planted exclusion and with brown fat to measure."""
    patients = json.loads(planted.read_text())["patients"] if planted.exists() else []
    included = [one for one in patients if not one["exclusion"]]
    chosen = sorted(included, key=lambda one: not one["bat_active"])
    return chosen[0]["hospital_number"] if chosen else "none"


def measure(title: str, *command: str | Path) -> Measurement:
    """Runs one command of ``python -m worker.compute``; its complaints go to the terminal."""
    started = time.monotonic()
    child = subprocess.Popen([*COMPUTE, *map(str, command)], stdout=subprocess.DEVNULL)
    _, wait_status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(wait_status)
    wall_s = time.monotonic() - started
    # Linux counts kilobytes.
    return Measurement(title, child.returncode, wall_s, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def print_table(measurements: list[Measurement], title: str) -> None:
    table = Table(title=title, title_justify="left")
    table.add_column("computation")
    for heading in ("wall s", "CPU s", "peak MB"):
        table.add_column(heading, justify="right")
    for one in measurements:
        name = one.title if one.status == 0 else f"{one.title} (failed)"
        table.add_row(name, f"{one.wall_s:.1f}", f"{one.cpu_s:.1f}", f"{one.peak_mb:.0f}")
    Console().print(table)


if __name__ == "__main__":
    sys.exit(main())
