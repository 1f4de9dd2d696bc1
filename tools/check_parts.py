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
    """In the order of their price: what fails in seconds comes first."""
    pytest, frontend, npm = (PYTHON, "-m", "pytest"), REPOSITORY / "frontend", (*find_npm(), "run", "--silent")
    return [
        Part("lint", "ruff", (PYTHON, "-m", "ruff", "check", ".")),
        Part("lint", "format", (PYTHON, "-m", "ruff", "format", "--check", ".")),
        Part("lint", "types", (PYTHON, "-m", "mypy")),
        Part("lint", "contracts", ("lint-imports",)),
        Part("lint", "typescript", (*npm, "typecheck"), frontend),
        Part("lint", "biome", (*npm, "lint"), frontend),
        Part("frontend", "vitest", (*npm, "test"), frontend),
        # Needs no database, so it can use both cores.
        Part("compute", "compute", (*pytest, "tests/worker/compute", "-n", "2", "--dist", "loadfile"), tests=True),
        Part(
            "application",
            "application",
            (*pytest, "tests", "--ignore=tests/worker/compute", "-m", "not e2e"),
            tests=True,
            services=True,
        ),
        Part("e2e", "browser", (*pytest, "tests/e2e", "-m", "e2e", "-rs"), tests=True, services=True),
    ]
