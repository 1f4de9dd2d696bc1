"""``python -m worker.compute COMMAND``: the scientist's door, without Django, Celery or a database."""

import argparse
import importlib
import pkgutil
import sys

from worker.compute import cli
from worker.compute.errors import ComputeError

INPUT_ERROR_STATUS = 2


def build_parser() -> argparse.ArgumentParser:
    """One sub-command per module of ``worker.compute.cli``."""
    parser = argparse.ArgumentParser(prog="python -m worker.compute", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for info in sorted(pkgutil.iter_modules(cli.__path__), key=lambda found: found.name):
        module = importlib.import_module(f"{cli.__name__}.{info.name}")
        command = commands.add_parser(module.NAME, help=module.HELP, description=module.HELP)
        module.add_arguments(command)
        command.set_defaults(run=module.run)
    return parser


def main(arguments: list[str] | None = None) -> int:
    """Runs one command; a ComputeError is one sentence on stderr and exit status 2."""
    args = build_parser().parse_args(arguments)
    try:
        args.run(args)
    except ComputeError as error:
        print(f"{error}", file=sys.stderr)
        return INPUT_ERROR_STATUS
    return 0


if __name__ == "__main__":
    sys.exit(main())
