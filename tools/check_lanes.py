"""Checks side by side: each lane takes the next part from one queue, with PostgreSQL and Valkey of its own."""

import queue
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from tools.check_parts import PYTHON, Part
from tools.check_report import Counts, Outcome, read_counts
from tools.services.process import end_group

PART_LIMIT_S = 30 * 60
ENDED_BY_LIMIT = 124
STOPPED = 130


class Lanes:
    """Runs every part once, as many at a time as there are environments (one lane each).

    With one lane the output of a part goes to the terminal as it comes. With several it is kept in ``folder`` and
    printed in one piece when the part has ended, so that two parts never mix their lines.
    """

    def __init__(self, parts: Sequence[Part], environments: Sequence[Mapping[str, str]], folder: Path) -> None:
        self.environments = environments
        self.folder = folder
        self.outcomes: dict[str, Outcome] = {}
        self._order = [part.name for part in parts]
        self._waiting: queue.SimpleQueue[Part] = queue.SimpleQueue()
        self._children: dict[str, subprocess.Popen] = {}
        self._printing = threading.Lock()
        self._stopping = threading.Event()
        for part in parts:
            self._waiting.put(part)

    def run(self) -> list[Outcome]:
        """Outcomes in the order of the parts; whatever interrupts the wait ends every child first."""
        threads = [threading.Thread(target=self._work, args=(one,)) for one in self.environments]
        try:
            for thread in threads:
                thread.start()
            for thread in threads:
                while thread.is_alive():
                    thread.join(0.2)
        finally:
            self._stop()
            for thread in threads:
                thread.join()
        return [self.outcomes[name] for name in self._order]

    def _stop(self) -> None:
        self._stopping.set()
        for child in list(self._children.values()):
            end_group(child)

    def _work(self, environment: Mapping[str, str]) -> None:
        while not self._stopping.is_set():
            try:
                part = self._waiting.get_nowait()
            except queue.Empty:
                return
            self.outcomes[part.name] = self._run_part(part, environment)

    def _run_part(self, part: Part, environment: Mapping[str, str]) -> Outcome:
        report = self.folder / f"{part.name}.xml"
        command = [*part.command, f"--junitxml={report}"] if part.tests else list(part.command)
        shown = f"== {part.name}: {' '.join(map(str, part.command)).replace(PYTHON, 'python')}"
        started = time.monotonic()
        if len(self.environments) == 1:
            self._print(f"\n{shown}")
            status = self._run_to_end(part, command, environment, output=None)
        else:
            self._print(f"started {part.name}")
            log = self.folder / f"{part.name}.log"
            with log.open("wb") as output:
                status = self._run_to_end(part, command, environment, output=output.fileno())
            self._print(f"\n{shown}\n{log.read_text(errors='replace')}")
        counts = read_counts(report) if part.tests else Counts()
        return Outcome(part, status, time.monotonic() - started, counts)

    def _run_to_end(self, part: Part, command: list[str], environment: Mapping[str, str], *, output: int | None) -> int:
        """The exit status; 124 where the limit was reached."""
        child = subprocess.Popen(
            command,
            cwd=part.folder,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=None if output is None else subprocess.STDOUT,
            start_new_session=True,
        )
        self._children[part.name] = child
        try:
            return STOPPED if self._stopping.is_set() else child.wait(PART_LIMIT_S)
        except subprocess.TimeoutExpired:
            self._print(f"{part.name} was ended after {PART_LIMIT_S / 60:.0f} minutes", file=sys.stderr)
            return ENDED_BY_LIMIT
        finally:
            end_group(child)
            del self._children[part.name]

    def _print(self, text: str, file: object = None) -> None:
        with self._printing:
            print(text, flush=True, file=file)  # type: ignore[arg-type]
