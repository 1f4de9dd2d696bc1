"""Every command, link and path that a document names is there."""

import pytest
from django.core.management import get_commands

from tests.docs.documents import DOCUMENTS, ROOT, found_in
from worker.compute.__main__ import build_parser

FOLDERS = ("backend", "worker", "frontend", "tests", "docs", "tools", "docker", "requirements")
DOCUMENT = pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))


@DOCUMENT
def test_management_commands(document):
    assert set(found_in(document, r"manage\.py ([a-z_]+)")) <= set(get_commands())


@DOCUMENT
def test_make_targets(document):
    targets = found_in(ROOT / "Makefile", r"^([a-z0-9]+):")
    # In prose "make" is a verb: a target stands in backticks or begins an indented line.
    assert set(found_in(document, r"(?:`|^    )make ([a-z0-9]+)")) <= set(targets)


@DOCUMENT
def test_commands_of_the_scientists_door(document):
    parser = build_parser()
    for command in set(found_in(document, r"python -m worker\.compute ([a-z][a-z-]+)")):
        with pytest.raises(SystemExit, match="0"):
            parser.parse_args([command, "--help"])


@DOCUMENT
def test_relative_links(document):
    links = found_in(document, r"\]\((?!https?:|mailto:)([^)#\s]+)[^)]*\)")
    assert [link for link in links if not (document.parent / link).exists()] == []


@DOCUMENT
def test_paths_in_backticks(document):
    paths = found_in(document, rf"`((?:{'|'.join(FOLDERS)})/[^`\s<>]*)`")
    assert [path for path in paths if not exists(path)] == []


def exists(path: str) -> bool:
    """``backend/*/models.py`` and ``worker/tasks/<kind>.py`` stand for files of that form."""
    plain = path.split(":")[0].rstrip("/")
    return any(True for _ in ROOT.glob(plain)) or (ROOT / plain).exists()
