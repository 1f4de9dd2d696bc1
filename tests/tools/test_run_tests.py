"""The runner of all checks counts what ran, tells what failed or was skipped, and ends what hangs."""

import os
import sys
import time
from pathlib import Path

import pytest

from tools import run_tests
from tools.check_parts import Part, all_parts
from tools.check_report import Counts, Outcome, closing_line, read_counts, summary_lines
from tools.services.launcher import locked

PYTEST = (sys.executable, "-m", "pytest", "-p", "no:django", "-p", "no:cacheprovider")
EXAMPLE = """
import pytest
def test_passes(): pass
def test_fails(): assert False
@pytest.mark.skip(reason="Chromium is not installed")
def test_skipped(): pass
@pytest.fixture
def broken(): raise OSError
def test_error(broken): pass
"""


@pytest.fixture
def outcome(tmp_path: Path) -> Outcome:
    (tmp_path / "test_example.py").write_text(EXAMPLE)
    part = Part("example", "example", (*PYTEST, "test_example.py"), tmp_path, tests=True)
    return run_tests.run_part(part, dict(os.environ), tmp_path)


def test_every_outcome_is_counted(outcome: Outcome) -> None:
    assert outcome.status == 1
    assert (outcome.counts.passed, outcome.counts.failed) == (1, 2)
    assert dict(outcome.counts.skipped) == {"Chromium is not installed": 1}


def test_the_summary_says_why_tests_were_skipped_and_ends_in_a_plain_line(outcome: Outcome) -> None:
    lint = Outcome(Part("lint", "ruff", ("ruff",)), 0, 0.5, Counts())
    lines = summary_lines([lint, outcome])
    assert any(line.startswith("ruff") and "ok" in line for line in lines)
    assert any(line.startswith("example") and "FAILED" in line for line in lines)
    assert "SKIPPED 1: Chromium is not installed" in lines
    assert lines[-1] == "1 passed, 2 failed, 1 skipped"


def test_a_part_that_dies_before_it_reports_counts_as_a_failure(tmp_path: Path) -> None:
    counts = read_counts(tmp_path / "never_written.xml")
    died = Outcome(Part("example", "example", ("x",), tests=True), 2, 1.0, counts)
    assert closing_line([died]) == "0 passed, 1 failed, 0 skipped"


def test_a_part_that_hangs_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_tests, "PART_LIMIT_S", 0.5)
    started = time.monotonic()
    assert run_tests.run_to_end(["sleep", "60"], tmp_path, dict(os.environ)) == 124
    assert time.monotonic() - started < 20


def test_left_over_folders_are_removed_unless_a_run_uses_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_tests, "SCRATCH", tmp_path)
    for name in ("run-old", "run-used"):
        (tmp_path / name).mkdir()
    with locked(tmp_path / "run-used"), run_tests.scratch_folder() as fresh:
        assert fresh.exists()
        assert not (tmp_path / "run-old").exists()
        assert (tmp_path / "run-used").exists()
    assert not fresh.exists()


def test_services_are_left_out_where_no_part_needs_them(tmp_path: Path) -> None:
    with run_tests.test_services(tmp_path, [part for part in all_parts() if part.group == "lint"]):
        assert list(tmp_path.iterdir()) == []
