"""Reads a Dockerfile into its instructions, as far as the checks need them."""

import json
import re
import shlex
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Instruction:
    """One instruction with its continued lines joined."""

    keyword: str
    value: str

    def words(self) -> list[str]:
        """Of the JSON form (CMD) or of the plain one."""
        return json.loads(self.value) if self.value.startswith("[") else shlex.split(self.value)


def read_dockerfile(path: Path) -> list[Instruction]:
    """Comments and blank lines are left out."""
    lines = [line for line in path.read_text().splitlines() if line.strip() and not line.lstrip().startswith("#")]
    joined = re.sub(r"\\\n\s*", " ", "\n".join(lines))
    parts = (line.split(None, 1) for line in joined.splitlines())
    return [Instruction(keyword.upper(), value.strip()) for keyword, value in parts]


def stages(instructions: list[Instruction]) -> list[str]:
    """The names after ``FROM … AS``."""
    return [one.words()[2] for one in instructions if one.keyword == "FROM" and len(one.words()) == 3]
