"""Runs the steps that are not yet done, with a bar for the step, its message and the time left for all."""

import re
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TaskProgressColumn, TextColumn

from tools.demo.state import State
from tools.demo.steps import REPOSITORY, Step
from tools.services.errors import ServicesError
from tools.services.process import end_group, last_lines, plain_identity

# A step that reports nothing is taken to be at most this far when its usual time is over.
MOST_ASSUMED = 0.95
POLL_S = 0.2
PERCENTAGE_LINE = re.compile(r"\s*(?P<message>.*?)\s*\b(?P<percent>\d{1,3})%\s*$")


class StepFailed(ServicesError):
    """A step ended with an error; the message names its log."""


class Runner:
    """Runs steps in order; ``check`` is called several times a second and raises when the demo cannot go on."""

    def __init__(self, console: Console, state: State, logs: Path, check: Callable[[], None]) -> None:
        self.console, self.state, self.logs, self.check = console, state, logs, check

    def run(self, steps: Sequence[Step], environment: dict[str, str]) -> None:
        """Skips what is done; a failed step stops the demo, and the next start goes on from there."""
        open_steps = [step for step in steps if not self.state.is_done(step)]
        columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(30), TaskProgressColumn())
        with Progress(*columns, TextColumn("{task.fields[note]}"), console=self.console, transient=True) as progress:
            for number, step in enumerate(open_steps):
                title = f"Step {number + 1} of {len(open_steps)}: {step.title}"
                bar = progress.add_task(title, total=1.0, note="")
                later_s = sum(later.usual_s for later in open_steps[number + 1 :])
                started = time.monotonic()
                self.state.clear(step)
                self._run_step(step, environment, _Display(progress, bar, step, later_s))
                self.state.record(step)
                progress.remove_task(bar)
                self.console.print(f"  {step.title} [dim]({time.monotonic() - started:.0f} s)[/dim]")

    def _run_step(self, step: Step, environment: dict[str, str], display: "_Display") -> None:
        log_path = self.logs / step.log_name()
        with log_path.open("w") as log:
            child = subprocess.Popen(
                step.command,
                cwd=REPOSITORY,
                env=environment | _owner_address(step, environment),
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                start_new_session=True,
                preexec_fn=plain_identity().before_exec,
            )
            reader = threading.Thread(target=display.read, args=(child.stdout, log), daemon=True)
            reader.start()
            try:
                while child.poll() is None:
                    self.check()
                    display.refresh()
                    time.sleep(POLL_S)
                reader.join()
            finally:
                end_group(child)
        if child.returncode != 0:
            raise StepFailed(
                f"“{step.title}” ended with status {child.returncode}: read {log_path}, then run `make demo` again "
                f"to go on from there. Its last lines:\n{last_lines(log_path)}"
            )


class _Display:
    """What is known of one step: its own report if it makes one, else its usual time."""

    def __init__(self, progress: Progress, bar: TaskID, step: Step, later_s: float) -> None:
        self.progress, self.bar, self.step, self.later_s = progress, bar, step, later_s
        self.started = time.monotonic()
        self.reported: float | None = None
        self.message = ""

    def read(self, lines: IO[str], log: IO[str]) -> None:
        """Takes the percentages from the command's output and keeps everything else in its log."""
        for line in lines:
            report = PERCENTAGE_LINE.match(line)
            if report:
                self.message, self.reported = report["message"], min(int(report["percent"]) / 100, 1.0)
            else:
                log.write(line)
                log.flush()

    def refresh(self) -> None:
        """Draws the bar anew."""
        elapsed_s = time.monotonic() - self.started
        fraction = min(elapsed_s / self.step.usual_s, MOST_ASSUMED) if self.reported is None else self.reported
        left_s = self.later_s + step_left_s(elapsed_s, fraction, self.step.usual_s, measured=self.reported is not None)
        note = f"{self.message} · {time_left(left_s)}" if self.message else time_left(left_s)
        self.progress.update(self.bar, completed=fraction, note=note)


def step_left_s(elapsed_s: float, fraction: float, usual_s: float, *, measured: bool) -> float:
    """Seconds that a step still needs: by its own pace once that can be told, by its usual time before."""
    if measured and fraction > 0.05:
        return elapsed_s * (1 - fraction) / fraction
    return max(usual_s - elapsed_s, usual_s * (1 - MOST_ASSUMED))


def time_left(seconds: float) -> str:
    """``about 3 min left``; seconds only below a minute and a half."""
    return f"about {seconds / 60:.0f} min left" if seconds > 90 else f"about {max(seconds, 1):.0f} s left"


def _owner_address(step: Step, environment: dict[str, str]) -> dict[str, str]:
    owner = environment.get("MIGRATION_DATABASE_URL")
    return {"DATABASE_URL": owner} if step.as_owner and owner else {}
