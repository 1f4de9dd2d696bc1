"""The documents for people, and what of them a test can hold to the code."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]


def found_in(document: Path, pattern: str) -> list[str]:
    """The first group of every match."""
    return re.findall(pattern, document.read_text(encoding="utf-8"), flags=re.MULTILINE)


def headings(document: Path) -> list[str]:
    """Titles of the second level."""
    return found_in(document, r"^## (.+)$")
