"""Fixtures that the whole suite shares: people, cohorts and a real Celery worker on the test database."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
WORKER_READY_S = 90


@pytest.fixture(scope="session")
def own_database(django_db_setup, django_db_blocker) -> Iterator[None]:
    """A test database in any case: pytest-django makes one only where a marked test is collected."""
    from django.db import connection
    from django.test.utils import setup_databases, teardown_databases

    if connection.settings_dict["NAME"].startswith("test_"):
        yield
        return
    with django_db_blocker.unblock():
        made = setup_databases(verbosity=0, interactive=False, aliases={"default"})
    yield
    with django_db_blocker.unblock():
        with connection.cursor() as cursor:
            # A process that was killed leaves its session for a moment, and that would keep the database.
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        teardown_databases(made, verbosity=0)


@pytest.fixture(autouse=True)
def no_delivery_left_behind() -> Iterator[None]:
    """What a test staged and no job took is gone before the next one looks into the staging folder."""
    yield
    folder = os.environ.get("PETRA_DATA_DIR")
    if folder:
        shutil.rmtree(Path(folder) / "staging", ignore_errors=True)


@pytest.fixture(scope="session")
def celery_worker_process(own_database, django_db_blocker, tmp_path_factory) -> Iterator[subprocess.Popen]:
    """A worker in its own process group, pointed at the test database and broker; ended with the session."""
    from django.db import connection

    log_path = tmp_path_factory.mktemp("worker") / "worker.log"
    process = start_worker(database=connection.settings_dict["NAME"], log_path=log_path)
    wait_until(lambda: " ready." in log_path.read_text(), timeout_s=WORKER_READY_S, what="the worker is ready")
    yield process
    stop_process_group(process)


def start_worker(*, database: str, log_path: Path, concurrency: int = 1) -> subprocess.Popen:
    """``celery -A worker.main worker`` on every queue, as the demo starts it."""
    command = [sys.executable, "-m", "celery", "-A", "worker.main", "worker", "-Q", "io,cpu,gpu,system"]
    command += ["-c", str(concurrency), "-l", "INFO", "--without-gossip", "--without-mingle"]
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "backend.config.settings.testing",
        "PETRA_TEST_WORKER": database,
    }
    return subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=log_path.open("ab"), stderr=subprocess.STDOUT, start_new_session=True
    )


def stop_process_group(process: subprocess.Popen) -> None:
    """TERM, then KILL to what is left of the group."""
    for stop_signal, patience_s in ((signal.SIGTERM, 15), (signal.SIGKILL, 5)):
        if process.poll() is not None:
            return
        os.killpg(process.pid, stop_signal)
        try:
            process.wait(patience_s)
        except subprocess.TimeoutExpired:
            continue


def wait_until(condition, *, timeout_s: float, what: str, interval_s: float = 0.1) -> None:
    """Polls until the condition holds; fails with what was waited for."""
    end = time.monotonic() + timeout_s
    while not condition():
        if time.monotonic() > end:
            pytest.fail(f"after {timeout_s} s it still does not hold that {what}")
        time.sleep(interval_s)
