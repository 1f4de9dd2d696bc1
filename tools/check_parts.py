"""The checks that ``make test`` and ``make lint`` consist of."""

import sys
from dataclasses import dataclass
from pathlib import Path

from tools.build_frontend import find_npm

REPOSITORY = Path(__file__).resolve().parents[1]
PYTHON = sys.executable
GROUPS = ("lint", "frontend", "compute", "application", "e2e")


@dataclass(frozen=True)
class Part:
    """One check: a command and the folder that it runs in; with ``tests`` it writes what it counted as JUnit XML."""

    group: str
    name: str
    command: tuple[str, ...]
    folder: Path = REPOSITORY
    tests: bool = False
    services: bool = False


def all_parts() -> list[Part]:
    """In the order in which lanes take them: the longest first, and what can use two cores last."""
    pytest, frontend, npm = (PYTHON, "-m", "pytest"), REPOSITORY / "frontend", (*find_npm(), "run", "--silent")
    application = ("tests/backend", "tests/contracts")
    elsewhere = [f"--ignore={folder}" for folder in (*application, "tests/worker/compute", "tests/e2e")]
    return [
        Part("e2e", "browser", (*pytest, "tests/e2e", "-m", "e2e", "-rs"), tests=True, services=True),
        Part("lint", "ruff", (PYTHON, "-m", "ruff", "check", ".")),
        Part("lint", "format", (PYTHON, "-m", "ruff", "format", "--check", ".")),
        Part("lint", "contracts", ("lint-imports",)),
        Part("lint", "typescript", (*npm, "typecheck"), frontend),
        Part("lint", "biome", (*npm, "lint"), frontend),
        Part("lint", "types", (PYTHON, "-m", "mypy")),
        Part("frontend", "vitest", (*npm, "test"), frontend),
        Part("application", "application", (*pytest, *application), tests=True, services=True),
        Part("application", "worker", (*pytest, "tests", *elsewhere, "-m", "not e2e"), tests=True, services=True),
        # Needs no database, so it can use both cores where the other lane is empty.
        Part("compute", "compute", (*pytest, "tests/worker/compute", "-n", "2", "--dist", "loadfile"), tests=True),
    ]
