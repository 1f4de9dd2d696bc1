"""``make test``: every check of PETRA on private services, two at a time, with a summary of each part."""

import argparse
import contextlib
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from tools.build_frontend import BuildRefused, find_npm
from tools.check_lanes import Lanes
from tools.check_parts import GROUPS, PYTHON, REPOSITORY, Part, all_parts
from tools.check_report import print_summary
from tools.services.errors import ServicesError
from tools.services.launcher import exit_on_termination, locked, running_services

SCRATCH = REPOSITORY / ".test-services"
MOST_LANES = 2


def main(arguments: list[str] | None = None) -> int:
    """Runs every part even when one fails; returns 0 only when all passed."""
    args = build_parser().parse_args(arguments)
    exit_on_termination()
    started = time.monotonic()
    try:
        chosen = [part for part in all_parts() if not args.only or part.group in args.only]
        lanes = 1 if len(chosen) == 1 else args.lanes
        with scratch_folder() as folder, lane_environments(folder, chosen, lanes) as environments:
            outcomes = Lanes(chosen, environments, folder).run()
    except (ServicesError, BuildRefused) as error:
        print(error, file=sys.stderr)
        return 2
    print_summary(outcomes, wall_s=time.monotonic() - started)
    return 0 if all(outcome.status == 0 for outcome in outcomes) else 1


def build_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tools.run_tests", description=__doc__)
    parser.add_argument("--only", action="append", choices=GROUPS, help="run only this group (may be given again)")
    parser.add_argument("--lanes", type=int, choices=(1, 2), default=default_lanes(), help="parts that run at a time")
    return parser


def default_lanes() -> int:
    """One where the servers are somebody's own: two lanes would make their test databases under one name."""
    shared = "DATABASE_URL" in os.environ or "REDIS_URL" in os.environ
    return 1 if shared else min(MOST_LANES, os.cpu_count() or 1)


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
def lane_environments(folder: Path, parts: list[Part], lanes: int) -> Iterator[list[dict[str, str]]]:
    """The environment of each lane; PostgreSQL and Valkey run only where a part needs them.

    The servers belong to this thread: the kernel ends a server with the thread that started it.
    """
    programs = [str(Path(PYTHON).parent), str(Path(find_npm()[0]).parent), os.environ.get("PATH", "")]
    base = {**os.environ, "PATH": os.pathsep.join(programs), "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    needs_services = any(part.services for part in parts)
    with locked(folder), contextlib.ExitStack() as started:
        yield [
            base
            | (
                started.enter_context(running_services(folder / f"lane-{lane}", durable=False))
                if needs_services
                else {}
            )
            for lane in range(1, lanes + 1)
        ]


if __name__ == "__main__":
    sys.exit(main())
