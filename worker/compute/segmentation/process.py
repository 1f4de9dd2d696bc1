"""Starts the training processes, passes their events on, and leaves none behind.

A prefork Celery child is daemonic and may not use multiprocessing; subprocesses in sessions of their own work there.
"""

import contextlib
import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

from worker.compute import errors
from worker.compute.errors import ComputeError, RunCancelled
from worker.compute.segmentation.environment import nnunet_environment
from worker.compute.segmentation.events import parse_event
from worker.compute.segmentation.spec import TrainingSpec

PROJECT_ROOT = Path(__file__).resolve().parents[3]
POLL_S = 0.5
GRACE_S = 20.0
LOG_FILE = "training.log"
SPEC_FILE = "spec.json"
_END = object()

EventCallback = Callable[[dict], None]


def never_cancelled() -> bool:
    return False


def run_training(
    spec: TrainingSpec, on_event: EventCallback, is_cancelled: Callable[[], bool] = never_cancelled
) -> None:
    """Prepares in one process, then trains the folds in ``settings.parallel_folds`` processes.

    Raises the error that a process reported, or RunCancelled once ``is_cancelled`` says so; either way, and when
    ``on_event`` raises, every process and its children are gone when this returns.
    """
    spec.out_dir.mkdir(parents=True, exist_ok=True)
    spec_path = spec.out_dir / SPEC_FILE
    spec.save(spec_path)
    prepared: list[int] = []

    def note_folds(event: dict) -> None:
        if event["event"] == "prepared":
            prepared.append(event["folds"])
        on_event(event)

    if spec.settings.parallel_folds == 1:
        _run_processes([_command(spec_path, None)], spec, on_event, is_cancelled)
        return
    _run_processes([_command(spec_path, [])], spec, note_folds, is_cancelled)
    shares = [list(range(k, prepared[-1], spec.settings.parallel_folds)) for k in range(spec.settings.parallel_folds)]
    _run_processes([_command(spec_path, share) for share in shares if share], spec, on_event, is_cancelled)


def _command(spec_path: Path, folds: list[int] | None) -> list[str]:
    chosen = [] if folds is None else ["--folds", *map(str, folds)]
    return [sys.executable, "-m", "worker.compute.segmentation.runner", str(spec_path.resolve()), *chosen]


def _run_processes(
    commands: list[list[str]], spec: TrainingSpec, on_event: EventCallback, is_cancelled: Callable[[], bool]
) -> None:
    log_path = spec.out_dir / LOG_FILE
    with log_path.open("ab") as log, _started(commands, spec, log) as processes:
        for event in _events(processes, is_cancelled):
            if event["event"] == "error":
                raise getattr(errors, event["kind"], ComputeError)(event["message"])
            if event["event"] == "cancelled":
                raise RunCancelled(event["message"])
            on_event(event)
        failed = [status for process in processes if (status := process.wait()) != 0]
    if failed:
        raise ComputeError(f"The nnU-Net process ended with status {failed[0]} and no message; its log is {log_path}.")


@contextlib.contextmanager
def _started(commands: list[list[str]], spec: TrainingSpec, log: IO[bytes]) -> Iterator[list[subprocess.Popen]]:
    """The processes while the block runs; afterwards they are asked to stop, then killed with their children."""
    environment = {**os.environ, **nnunet_environment(spec.work_dir, spec.settings.data_processes)}
    environment["PYTHONPATH"] = os.pathsep.join(filter(None, [str(PROJECT_ROOT), os.environ.get("PYTHONPATH")]))
    processes: list[subprocess.Popen] = []
    try:
        for command in commands:
            processes.append(
                subprocess.Popen(
                    command,
                    env=environment,
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.PIPE,
                    stderr=log,
                    text=True,
                    start_new_session=True,
                )
            )
        yield processes
    except BaseException:
        for process in processes:
            _signal_group(process, signal.SIGTERM)
        for process in processes:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(GRACE_S)
        raise
    finally:
        for process in processes:
            _signal_group(process, signal.SIGKILL)
            process.wait()


def _signal_group(process: subprocess.Popen, number: signal.Signals) -> None:
    """To the process and all that it started; the group outlives its leader while a child of it lives."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, number)


def _events(processes: list[subprocess.Popen], is_cancelled: Callable[[], bool]) -> Iterator[dict]:
    """The events of all processes as they come, until each has closed its output."""
    lines: queue.Queue = queue.Queue()
    for process in processes:
        threading.Thread(target=_read_lines, args=(process.stdout, lines), daemon=True).start()
    running = len(processes)
    while running:
        if is_cancelled():
            raise RunCancelled("The training was stopped; start it again to go on from its last epoch.")
        with contextlib.suppress(queue.Empty):
            line = lines.get(timeout=POLL_S)
            if line is _END:
                running -= 1
            elif (event := parse_event(line)) is not None:
                yield event


def _read_lines(stream: IO[str], lines: queue.Queue) -> None:
    with stream:
        for line in stream:
            lines.put(line)
    lines.put(_END)
