"""The processes of a running PETRA: web server, workers, beat. They stop with the demo, whatever ends it."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tools.services.errors import ServicesError
from tools.services.process import last_lines, plain_identity, undisturbed

FIRST_PORT = 8000
PORTS_TRIED = 50
HEALTH_LIMIT_S = 90
HOST = "127.0.0.1"


class ChildDied(ServicesError):
    """A process of the demo ended by itself; the message names its log."""


@dataclass
class Child:
    """One process in a session of its own, with a log of its own."""

    name: str
    command: Sequence[str]
    log_path: Path
    stop_signal: signal.Signals = signal.SIGTERM
    patience_s: float = 10
    process: subprocess.Popen | None = field(default=None, init=False)

    def start(self, environment: dict[str, str]) -> None:
        self.log_path.parent.mkdir(parents=True, exist_ok=True)
        self.process = plain_identity(self.stop_signal).start(self.command, self.log_path, env=environment)

    def ask_to_stop(self) -> None:
        if self.process and self.process.poll() is None:
            self.process.send_signal(self.stop_signal)

    def end(self, deadline: float) -> None:
        """Waits until the deadline, then ends the process and what it started."""
        if self.process is None:
            return
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(max(deadline - time.monotonic(), 0.1))
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def check(self) -> None:
        if self.process and self.process.poll() is not None:
            raise ChildDied(
                f"The {self.name} ended with status {self.process.returncode}: read {self.log_path}. Its last lines:\n"
                f"{last_lines(self.log_path)}"
            )


def petra_children(logs: Path, port: int) -> list[Child]:
    """The long-running processes, each as an installation would run it."""
    python = (sys.executable, "-m")
    web = ("uvicorn", "backend.config.asgi:application", "--host", HOST, "--port", str(port), "--no-access-log")
    worker = ("celery", "-A", "worker.main", "worker", "--prefetch-multiplier", "1", "--without-gossip")
    queues = ("-Q", "io,cpu,gpu", "-c", "2", "-n", "demo@%h")
    # A pool of its own, so that long jobs never keep the sweep waiting.
    system = ("-Q", "system", "-P", "solo", "-n", "system@%h")
    return [
        Child("web server", (*python, *web, "--timeout-graceful-shutdown", "3"), logs / "web.log"),
        # SIGQUIT is Celery's soft shutdown: jobs get seconds to end, what is left runs again at the next start.
        Child("worker", (*python, *worker, *queues), logs / "worker.log", signal.SIGQUIT, patience_s=15),
        Child("system worker", (*python, *worker, *system), logs / "system-worker.log", signal.SIGQUIT),
        Child("beat", (*python, "celery", "-A", "worker.main", "beat", "--pidfile="), logs / "beat.log"),
    ]


@contextlib.contextmanager
def running(children: Sequence[Child], environment: dict[str, str]) -> Iterator[None]:
    """Starts all, and stops all in the end: first each is asked, then none is waited for longer than its patience."""
    try:
        for child in children:
            child.start(environment)
        yield
    finally:
        with undisturbed():
            stop_all(children)


def stop_all(children: Sequence[Child]) -> None:
    """Asks every process at once, so that their patience runs side by side."""
    started = time.monotonic()
    for child in children:
        child.ask_to_stop()
    for child in children:
        child.end(started + child.patience_s)


def free_port(first: int) -> int:
    """The first port from this one on that nobody listens to."""
    for port in range(first, first + PORTS_TRIED):
        with socket.socket() as probe:
            # As uvicorn binds: a port that a finished run has just left counts as free.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            with contextlib.suppress(OSError):
                probe.bind((HOST, port))
                return port
    raise ServicesError(f"No port from {first} to {first + PORTS_TRIED - 1} is free: name another with PORT=.")


def wait_for_health(address: str, children: Sequence[Child]) -> None:
    """Waits until the web server answers, and gives up at once when a process dies."""
    limit = time.monotonic() + HEALTH_LIMIT_S
    while not _healthy(address):
        for child in children:
            child.check()
        if time.monotonic() > limit:
            raise ServicesError(
                f"The web server did not answer within {HEALTH_LIMIT_S} s: read {children[0].log_path}."
            )
        time.sleep(0.2)


def _healthy(address: str) -> bool:
    try:
        with urllib.request.urlopen(f"{address}/health/", timeout=5) as answer:
            return answer.status == 200
    except (urllib.error.URLError, OSError):
        return False
