"""How the commands speak: one sentence for a wrong command line, checked numbers and paths, progress."""

import argparse
import math
import os
import sys
from pathlib import Path
from typing import NoReturn

from worker.compute.errors import UnreadableInput

INPUT_ERROR_STATUS = 2
# scikit-learn takes seeds of 32 bits.
_LARGEST_SEED = 2**32 - 1


class SentenceParser(argparse.ArgumentParser):
    """An ArgumentParser that says what is wrong in one sentence; argparse would print the usage on lines above it."""

    def error(self, message: str) -> NoReturn:
        line = " ".join(message.split()).rstrip(".")
        self.exit(INPUT_ERROR_STATUS, f"{line[:1].upper()}{line[1:]}: see {self.prog} --help.\n")


def seed(text: str) -> int:
    """A whole number that every random generator takes."""
    number = int(text)
    if not 0 <= number <= _LARGEST_SEED:
        raise argparse.ArgumentTypeError(f"{number} is not between 0 and {_LARGEST_SEED}")
    return number


def finite(text: str) -> float:
    """A number that is neither infinite nor NaN."""
    number = float(text)
    if not math.isfinite(number):
        raise argparse.ArgumentTypeError(f"{text} is not a finite number")
    return number


def not_negative(text: str) -> float:
    """A length or a volume: a finite number of 0 or more."""
    number = finite(text)
    if number < 0:
        raise argparse.ArgumentTypeError(f"{text} is less than 0")
    return number


def require_apart(out: Path | str, *others: Path | str) -> None:
    """Raises UnreadableInput where a command would write over a file that it reads, or that it writes too."""
    for other in others:
        if Path(out).resolve() == Path(other).resolve():
            raise UnreadableInput(f"{out} is named twice and would be written over: give the output a name of its own.")


def require_writable_file(path: Path | str) -> None:
    """Raises UnreadableInput where no file can be written: before long work, and without leaving a file behind."""
    path = Path(path)
    existed = path.exists()
    try:
        path.open("ab").close()
        if not existed:
            path.unlink()
    except OSError as error:
        raise UnreadableInput(
            f"{path} could not be written ({error.strerror}): give the name of a file in a folder that exists."
        ) from error


def require_writable_folder(path: Path | str) -> None:
    """Makes the folder where there is none. Raises UnreadableInput where it cannot be made or written to."""
    try:
        Path(path).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UnreadableInput(f"The folder {path} could not be made ({error.strerror}): choose another.") from error
    if not os.access(path, os.W_OK):
        raise UnreadableInput(f"The folder {path} cannot be written to: choose another.")


def show_progress(fraction: float, step: str) -> None:
    """A ProgressCallback: one line that changes on a terminal, lines on standard output where that is a file.

    Standard error is left to the one sentence of a failure, so that a calling program can show it as it is.
    """
    if sys.stderr.isatty():
        print(f"\r{fraction:5.0%}  {step}\033[K", end="" if fraction < 1 else "\n", file=sys.stderr, flush=True)
    else:
        print(f"{fraction:5.0%}  {step}", flush=True)
