"""``python -m tools.services run --dir .demo [--fast] -- CMD…``: a command with private services beside it."""

import argparse
import os
import subprocess
import sys
from pathlib import Path

from tools.services.errors import ServicesError
from tools.services.launcher import exit_on_termination, running_services

CHILD_PATIENCE_S = 20


def main(arguments: list[str] | None = None) -> int:
    """Runs the command and returns its exit status; a service that cannot run is one sentence and status 2."""
    args = build_parser().parse_args(arguments)
    exit_on_termination()
    try:
        with running_services(args.dir, durable=not args.fast) as environment:
            return run_beside_services(args.cmd, environment)
    except ServicesError as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130


def build_parser() -> argparse.ArgumentParser:
    """One command so far, ``run``."""
    parser = argparse.ArgumentParser(prog="python -m tools.services", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    run = commands.add_parser("run", help="start PostgreSQL and Valkey, run CMD with their addresses, stop them again")
    run.add_argument("--dir", type=Path, default=Path(".demo"), help="folder of their data (default: .demo)")
    run.add_argument("--fast", action="store_true", help="for tests: nothing survives a crash")
    run.add_argument("cmd", nargs="+", metavar="CMD", help="the command, after --")
    return parser


def run_beside_services(command: list[str], environment: dict[str, str]) -> int:
    """Waits for the command; when the launcher is told to stop, the command is stopped first."""
    child = subprocess.Popen(command, env=os.environ | environment)
    try:
        return child.wait()
    finally:
        if child.poll() is None:
            _stop_child(child)


def _stop_child(child: subprocess.Popen) -> None:
    if not _terminal_told(child):
        child.terminate()
    try:
        child.wait(CHILD_PATIENCE_S)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()


def _terminal_told(child: subprocess.Popen) -> bool:
    # Ctrl-C reaches the whole foreground group; telling the child twice would cut its own clean-up short.
    interrupted = isinstance(sys.exc_info()[1], KeyboardInterrupt)
    return interrupted and sys.stdin.isatty() and os.tcgetpgrp(sys.stdin.fileno()) == os.getpgid(child.pid)


if __name__ == "__main__":
    sys.exit(main())
