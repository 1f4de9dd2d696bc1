"""Makes a checkout ready to run: virtual environment, locked dependencies, front end; needs nothing but Python."""

# Any Python 3 may read this file first, so that it can hand over to Python 3.11: keep its syntax old.
from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import sysconfig
import time
from pathlib import Path
from typing import NoReturn

REPOSITORY = Path(__file__).resolve().parents[1]
VENV = REPOSITORY / ".venv"
VENV_PYTHON = VENV / "bin" / "python"
LOCK = REPOSITORY / "requirements" / "lock.txt"
STAMP = VENV / "petra-lock.sha256"
LOG = REPOSITORY / ".demo" / "logs" / "setup.log"
BUILD_FRONTEND = REPOSITORY / "tools" / "build_frontend.py"
NEEDED = (3, 11)
HANDED_OVER = "PETRA_SETUP_HANDED_OVER"


def main() -> int:
    """Does what is missing and says so; a second call finds nothing to do."""
    use_needed_python()
    if not locked_packages_installed():
        check_build_tools()
        make_venv()
        install_locked_packages()
    return build_frontend()


def use_needed_python() -> None:
    """Starts again under Python 3.11 where another version was called."""
    if sys.version_info[:2] == NEEDED:
        return
    other = find_needed_python()
    if other is None or os.environ.get(HANDED_OVER):
        refuse(
            f"PETRA needs Python 3.11, but this is {sys.version.split()[0]} and no python3.11 was found: "
            "install it (Debian 12: apt-get install python3 python3-venv python3-dev) or put it on PATH."
        )
    os.environ[HANDED_OVER] = "1"
    os.execv(other, [other, *sys.argv])


def find_needed_python() -> str | None:
    """A Python 3.11 that runs: on PATH, or one that pyenv or uv keeps in its own folder."""
    on_path = shutil.which("python3.11")
    kept = (".pyenv/versions/3.11*/bin/python3.11", ".local/share/uv/python/cpython-3.11*/bin/python3.11")
    found = [str(path) for pattern in kept for path in sorted(Path.home().glob(pattern), reverse=True)]
    return next((python for python in [on_path, *found] if python and runs(python)), None)


def runs(python: str) -> bool:
    """False for a stand-in of a version manager that has no such version switched on."""
    return subprocess.run([python, "-c", "pass"], capture_output=True, check=False).returncode == 0


def lock_stamp() -> str:
    """What the installed packages follow from."""
    return hashlib.sha256(LOCK.read_bytes()).hexdigest()


def locked_packages_installed() -> bool:
    """Whether the last complete installation was of this very lock."""
    return STAMP.exists() and STAMP.read_text() == lock_stamp() and VENV_PYTHON.exists()


def check_build_tools() -> None:
    """PyRadiomics is compiled from source: says what is missing before the long download, not after."""
    if not (shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")):
        refuse("PETRA needs a C compiler to build PyRadiomics: install one (Debian: apt-get install gcc libc6-dev).")
    if not Path(sysconfig.get_paths()["include"], "Python.h").exists():
        refuse("PETRA needs Python's headers to build PyRadiomics: install them (Debian: apt-get install python3-dev).")


def make_venv() -> None:
    """A virtual environment where none works; one of Python 3.11 is kept, whichever patch release it was made with."""
    if venv_works():
        return
    step("Making the virtual environment .venv")
    if run_logged([sys.executable, "-m", "venv", "--clear", str(VENV)]) != 0:
        refuse(
            "The virtual environment could not be made: install Python's venv (Debian: apt-get install python3-venv)."
        )


def venv_works() -> bool:
    """Whether .venv answers with Python 3.11 and has pip; a checkout that was moved or half made does not."""
    if not VENV_PYTHON.exists():
        return False
    ask = [str(VENV_PYTHON), "-c", "import sys, pip; print(tuple(sys.version_info[:2]))"]
    answer = subprocess.run(ask, capture_output=True, text=True, check=False)
    return answer.stdout.strip() == str(NEEDED)


def install_locked_packages() -> None:
    """pip installs exactly the lock, in one call, so that nothing replaces torch behind our back."""
    expected = sum(1 for line in LOCK.read_text().splitlines() if "==" in line)
    step(f"Installing {expected} locked packages (3 GB; some minutes the first time)")
    command = [str(VENV_PYTHON), "-m", "pip", "install", "--disable-pip-version-check", "--no-input", "-r", str(LOCK)]
    if run_logged(command, expected) != 0:
        refuse("The packages could not be installed: the lines above say why; run `make setup` again to go on.")
    STAMP.write_text(lock_stamp())


def build_frontend() -> int:
    """Builds the pages' scripts and styles; the builder itself knows when nothing has changed."""
    return subprocess.run([str(VENV_PYTHON), str(BUILD_FRONTEND)], cwd=REPOSITORY, check=False).returncode


def run_logged(command: list[str], expected: int = 0) -> int:
    """Runs a command with its output in the log; shows how many packages are done, and the log's end if it fails."""
    LOG.parent.mkdir(parents=True, exist_ok=True)
    with LOG.open("w") as log:
        child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        seen = 0
        for line in child.stdout or ():
            log.write(line)
            if line.startswith(("Collecting", "Requirement already satisfied")):
                seen += 1
                show_count(seen, expected)
        status = child.wait()
    show_count(0, 0)
    if status != 0:
        print("\n".join(LOG.read_text().splitlines()[-15:]), file=sys.stderr)
        print(f"(all of it: {LOG.relative_to(REPOSITORY)})", file=sys.stderr)
    return status


_started = time.monotonic()


def step(title: str) -> None:
    print(f"[{time.monotonic() - _started:5.0f} s] {title}", flush=True)


def show_count(seen: int, expected: int) -> None:
    """One line that is written over; nothing where the output is kept in a file."""
    if sys.stdout.isatty():
        text = f"          {min(seen, expected)} of {expected} found" if expected else ""
        print(f"\r{text:<40}", end="" if expected else "\r", flush=True)


def refuse(sentence: str) -> NoReturn:
    print(sentence, file=sys.stderr)
    sys.exit(2)


if __name__ == "__main__":
    sys.exit(main())
