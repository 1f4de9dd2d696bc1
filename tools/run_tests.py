"""``make test``: every check of PETRA on private services, one after the other, with a summary of each part."""

import argparse
import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from tools.build_frontend import BuildRefused, find_npm
from tools.check_parts import GROUPS, PYTHON, REPOSITORY, Part, all_parts
from tools.check_report import Counts, Outcome, print_summary, read_counts
from tools.services.errors import ServicesError
from tools.services.launcher import exit_on_termination, locked, running_services
from tools.services.process import end_group

SCRATCH = REPOSITORY / ".test-services"
PART_LIMIT_S = 30 * 60


def main(arguments: list[str] | None = None) -> int:
    """Runs every part even when one fails; returns 0 only when all passed."""
    args = build_parser().parse_args(arguments)
    exit_on_termination()
    try:
        chosen = [part for part in all_parts() if not args.only or part.group in args.only]
        with scratch_folder() as folder, test_services(folder, chosen) as environment:
            outcomes = [run_part(part, environment, folder) for part in chosen]
    except (ServicesError, BuildRefused) as error:
        print(error, file=sys.stderr)
        return 2
    print_summary(outcomes)
    return 0 if all(outcome.status == 0 for outcome in outcomes) else 1


def build_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tools.run_tests", description=__doc__)
    parser.add_argument("--only", action="append", choices=GROUPS, help="run only this group (may be given again)")
    return parser


@contextlib.contextmanager
def scratch_folder() -> Iterator[Path]:
    """A fresh folder for this run; folders of killed runs are removed, those in use are left."""
    SCRATCH.mkdir(exist_ok=True)
    for old in SCRATCH.glob("run-*"):
        with contextlib.suppress(ServicesError), locked(old):
            shutil.rmtree(old, ignore_errors=True)
    folder = Path(tempfile.mkdtemp(prefix="run-", dir=SCRATCH))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def test_services(folder: Path, parts: list[Part]) -> Iterator[dict[str, str]]:
    """The environment of the tests; PostgreSQL and Valkey run only where a part needs them."""
    programs = [str(Path(PYTHON).parent), str(Path(find_npm()[0]).parent), os.environ.get("PATH", "")]
    base = {**os.environ, "PATH": os.pathsep.join(programs), "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    if not any(part.services for part in parts):
        yield base
        return
    with running_services(folder, durable=False) as services:
        yield base | services


def run_part(part: Part, environment: dict[str, str], folder: Path) -> Outcome:
    """Runs one command with its output on the terminal; one that hangs is ended and counts as failed."""
    print(f"\n== {part.name}: {' '.join(map(str, part.command)).replace(PYTHON, 'python')}", flush=True)
    report = folder / f"{part.name}.xml"
    command = [*part.command, f"--junitxml={report}"] if part.tests else list(part.command)
    started = time.monotonic()
    status = run_to_end(command, part.folder, environment)
    counts = read_counts(report) if part.tests else Counts()
    return Outcome(part, status, time.monotonic() - started, counts)


def run_to_end(command: list[str], folder: Path, environment: dict[str, str]) -> int:
    """The exit status; 124 where the limit was reached."""
    child = subprocess.Popen(command, cwd=folder, env=environment, start_new_session=True)
    try:
        return child.wait(PART_LIMIT_S)
    except subprocess.TimeoutExpired:
        print(f"ended after {PART_LIMIT_S / 60:.0f} minutes", file=sys.stderr)
        return 124
    finally:
        end_group(child)


if __name__ == "__main__":
    sys.exit(main())
