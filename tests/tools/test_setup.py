"""Setting up says what is missing in a sentence and leaves what works alone."""

import subprocess
import sys
from pathlib import Path

import pytest

from tools import setup

REPOSITORY = Path(__file__).resolve().parents[2]


@pytest.fixture
def empty_checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The module pointed at a folder of its own, so that no test touches the real environment."""
    lock = tmp_path / "lock.txt"
    lock.write_text("six==1.17.0\n")
    monkeypatch.setattr(setup, "LOCK", lock)
    monkeypatch.setattr(setup, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(setup, "VENV_PYTHON", tmp_path / ".venv" / "bin" / "python")
    monkeypatch.setattr(setup, "STAMP", tmp_path / ".venv" / "stamp")
    monkeypatch.setattr(setup, "LOG", tmp_path / "setup.log")
    monkeypatch.setattr(setup, "REPOSITORY", tmp_path)
    return tmp_path


def test_an_environment_is_made_where_there_is_none_and_kept_afterwards(empty_checkout: Path) -> None:
    setup.make_venv()
    kept = empty_checkout / ".venv" / "kept"
    kept.touch()
    setup.make_venv()
    assert kept.exists()


def test_a_half_made_environment_is_made_anew(empty_checkout: Path) -> None:
    setup.VENV_PYTHON.parent.mkdir(parents=True)
    setup.VENV_PYTHON.write_text("#!/bin/sh\nexit 1\n")
    setup.VENV_PYTHON.chmod(0o755)
    assert not setup.venv_works()


def test_a_changed_lock_is_installed_again(empty_checkout: Path) -> None:
    setup.VENV_PYTHON.parent.mkdir(parents=True)
    setup.VENV_PYTHON.touch()
    setup.STAMP.write_text(setup.lock_stamp())
    assert setup.locked_packages_installed()
    setup.LOCK.write_text("six==1.16.0\n")
    assert not setup.locked_packages_installed()


def test_a_missing_compiler_is_a_sentence(
    empty_checkout: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    monkeypatch.setenv("PATH", str(empty_checkout))
    with pytest.raises(SystemExit) as stopped:
        setup.check_build_tools()
    assert stopped.value.code == 2
    assert "needs a C compiler" in capsys.readouterr().err


def test_a_failed_command_shows_the_end_of_its_log(empty_checkout: Path, capsys: pytest.CaptureFixture) -> None:
    assert setup.run_logged([sys.executable, "-c", "print('no such package'); raise SystemExit(1)"]) == 1
    assert "no such package" in capsys.readouterr().err


def test_another_python_without_python_3_11_is_refused(
    empty_checkout: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    monkeypatch.setattr(setup, "NEEDED", (3, 2))
    monkeypatch.setattr(setup, "find_needed_python", lambda: None)
    with pytest.raises(SystemExit) as stopped:
        setup.use_needed_python()
    assert stopped.value.code == 2
    assert "PETRA needs Python 3.11" in capsys.readouterr().err


def test_make_help_lists_every_command() -> None:
    listed = subprocess.run(["make", "help"], cwd=REPOSITORY, capture_output=True, text=True, check=True).stdout
    for command in ("setup", "demo", "test", "lint", "bench", "e2e", "schema"):
        assert f"make {command} " in listed
