"""The runner of all checks counts what ran, tells what failed or was skipped, and ends what hangs."""

import _thread
import os
import sys
import threading
import time
from pathlib import Path

import pytest

from tools import check_lanes, run_tests
from tools.check_lanes import Lanes
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


@pytest.fixture(scope="module")
def outcome(tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    tmp_path = tmp_path_factory.mktemp("example")
    (tmp_path / "test_example.py").write_text(EXAMPLE)
    part = Part("example", "example", (*PYTEST, "test_example.py"), tmp_path, tests=True)
    return Lanes([part], [os.environ], tmp_path).run()[0]


def test_every_outcome_is_counted(outcome: Outcome) -> None:
    assert outcome.status == 1
    assert (outcome.counts.passed, outcome.counts.failed) == (1, 2)
    assert dict(outcome.counts.skipped) == {"Chromium is not installed": 1}


def test_the_summary_says_why_tests_were_skipped_and_ends_in_a_plain_line(outcome: Outcome) -> None:
    lint = Outcome(Part("lint", "ruff", ("ruff",)), 0, 0.5, Counts())
    lines = summary_lines([lint, outcome], wall_s=61.4)
    assert any(line.startswith("ruff") and "ok" in line for line in lines)
    assert any(line.startswith("example") and "FAILED" in line for line in lines)
    assert "SKIPPED 1: Chromium is not installed" in lines
    assert lines[-2].startswith("total 61 s")
    assert lines[-1] == "1 passed, 2 failed, 1 skipped"


def test_a_part_that_dies_before_it_reports_counts_as_a_failure(tmp_path: Path) -> None:
    counts = read_counts(tmp_path / "never_written.xml")
    died = Outcome(Part("example", "example", ("x",), tests=True), 2, 1.0, counts)
    assert closing_line([died]) == "0 passed, 1 failed, 0 skipped"


def test_a_part_that_hangs_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(check_lanes, "PART_LIMIT_S", 0.5)
    started = time.monotonic()
    [hung] = Lanes([Part("example", "hangs", ("sleep", "60"))], [os.environ], tmp_path).run()
    assert hung.status == 124
    assert time.monotonic() - started < 20


def test_two_lanes_share_the_parts_and_never_mix_their_lines(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = "import os, sys, time\nfor _ in range(5): print(sys.argv[1], os.environ['LANE']), time.sleep(0.05)"
    names = ("one", "two", "three")
    parts = [Part("example", name, (sys.executable, "-c", code, name)) for name in names]
    outcomes = Lanes(parts, [os.environ | {"LANE": lane} for lane in "ab"], tmp_path).run()
    assert [(outcome.part.name, outcome.status) for outcome in outcomes] == [("one", 0), ("two", 0), ("three", 0)]
    lines = capsys.readouterr().out.splitlines()
    for name in names:
        first = next(number for number, line in enumerate(lines) if line.startswith(f"{name} "))
        assert len(set(lines[first : first + 5])) == 1, "the five lines of a part stand together and came from one lane"


def test_an_interrupted_run_ends_the_parts_of_both_lanes(tmp_path: Path) -> None:
    code = "import os, pathlib, sys, time\npathlib.Path(sys.argv[1]).write_text(str(os.getpid()))\ntime.sleep(60)"
    marks = [tmp_path / "one.pid", tmp_path / "two.pid"]
    parts = [Part("example", mark.stem, (sys.executable, "-c", code, str(mark))) for mark in marks]

    def interrupt_when_both_run() -> None:
        while not all(mark.exists() and mark.read_text() for mark in marks):
            time.sleep(0.05)
        _thread.interrupt_main()

    threading.Thread(target=interrupt_when_both_run, daemon=True).start()
    with pytest.raises(KeyboardInterrupt):
        Lanes(parts, [os.environ, os.environ], tmp_path).run()
    for mark in marks:
        with pytest.raises(ProcessLookupError):
            os.kill(int(mark.read_text()), 0)


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
    lint = [part for part in all_parts() if part.group == "lint"]
    with run_tests.lane_environments(tmp_path, lint, 2) as environments:
        assert len(environments) == 2
        assert not [path for path in tmp_path.iterdir() if path.is_dir()]


def test_servers_of_your_own_are_used_by_one_lane(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://somebody@127.0.0.1/elsewhere")
    assert run_tests.default_lanes() == 1


def test_every_folder_of_tests_belongs_to_one_part() -> None:
    [rest] = [part for part in all_parts() if part.name == "worker"]
    left_out = {word.removeprefix("--ignore=") for word in rest.command if word.startswith("--ignore=")}
    named = {word for part in all_parts() for word in part.command if word.startswith("tests/")}
    assert named == left_out
