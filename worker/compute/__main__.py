"""``python -m worker.compute COMMAND``: the scientist's door, without Django, Celery or a database."""

import argparse
import importlib
import pkgutil
import sys
import warnings

from worker.compute import cli
from worker.compute.command_line import INPUT_ERROR_STATUS, SentenceParser
from worker.compute.errors import ComputeError

# What a shell gives a program that Ctrl-C ended.
STOPPED_STATUS = 130


def build_parser() -> argparse.ArgumentParser:
    """One sub-command per module of ``worker.compute.cli``."""
    parser = SentenceParser(prog="python -m worker.compute", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for info in sorted(pkgutil.iter_modules(cli.__path__), key=lambda found: found.name):
        module = importlib.import_module(f"{cli.__name__}.{info.name}")
        command = commands.add_parser(module.NAME, help=module.HELP, description=module.HELP)
        module.add_arguments(command)
        command.set_defaults(run=module.run)
    return parser


def main(arguments: list[str] | None = None) -> int:
    """Runs one command; whatever goes wrong is one sentence on stderr and exit status 2.

    Warnings of the numerical libraries about odd values are silenced: what matters of them is a sentence of the result.
    """
    args = build_parser().parse_args(arguments)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            args.run(args)
    except KeyboardInterrupt:
        print("The command was stopped before it was done.", file=sys.stderr)
        return STOPPED_STATUS
    except Exception as error:
        print(sentence_of(error), file=sys.stderr)
        return INPUT_ERROR_STATUS
    return 0


def sentence_of(error: Exception) -> str:
    """One line for any failure; one that no check foresaw says its kind, so that it can be reported."""
    message = " ".join(str(error).split())
    if isinstance(error, ComputeError):
        return message
    if isinstance(error, MemoryError):
        return "There is not enough memory for this input: give a smaller one, or use a larger machine."
    if isinstance(error, OSError):
        named = f"{error.filename}: " if error.filename else ""
        return f"{named}{error.strerror or message or type(error).__name__}: check the path, its rights and the space."
    said = f" ({message.rstrip('.')})" if message else ""
    return f"The input led to an unforeseen {type(error).__name__}{said}: check it, and report it if it is sound."


if __name__ == "__main__":
    sys.exit(main())
