"""Runs one job: claims it, beats its heart, catches its errors and cleans its workspace."""

import functools
import logging
import platform
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from traceback import extract_tb

from celery import current_app
from celery.exceptions import SoftTimeLimitExceeded
from django.db import close_old_connections, connection

from backend.core.errors import ClaimLost, DomainError
from backend.jobs.models import Job
from backend.jobs.services import (
    JobClaim,
    claim_job,
    end_cancelled_job,
    fail_job,
    heartbeat,
    record_inputs,
    task_name,
)
from backend.jobs.sweep import HEARTBEAT_INTERVAL_S
from worker.compute.errors import ComputeError, RunCancelled

logger = logging.getLogger(__name__)

# A page shows at most a few changes a second; more would only be database load.
PROGRESS_INTERVAL_S = 0.5
DEFAULT_TIME_LIMIT_S = 6 * 3600


@dataclass
class JobContext:
    """What a task gets: its job, a folder of its own, and ways to tell how far it is."""

    claim: JobClaim
    workspace: Path
    stopped: threading.Event
    _last_shown: float = field(default=0.0)

    @property
    def job(self) -> Job:
        return self.claim.job

    def progress(self, fraction: float, step: str) -> None:
        """A compute ProgressCallback; raises RunCancelled once a person asked to stop."""
        self.stop_if_asked()
        now = time.monotonic()
        if now - self._last_shown >= PROGRESS_INTERVAL_S:
            self._last_shown = now
            if not heartbeat(self.claim, progress=fraction, step=step):
                self.stopped.set()
                self.stop_if_asked()

    def log(self, text: str) -> None:
        heartbeat(self.claim, log=text)

    def inputs(self, **inputs: object) -> None:
        record_inputs(self.claim, inputs)

    def is_stopped(self) -> bool:
        return self.stopped.is_set()

    def stop_if_asked(self) -> None:
        if self.stopped.is_set():
            raise RunCancelled("The work was asked to stop.")


def job_task(kind: str, *, time_limit_s: int = DEFAULT_TIME_LIMIT_S) -> Callable:
    """Registers ``run(context)`` as the task of a job kind."""

    def register(run: Callable[[JobContext], None]) -> Callable:
        @functools.wraps(run)
        def task(job_id: str) -> None:
            claim = claim_job(job_id, worker=platform.node())
            if claim is not None:
                _run_claimed(run, claim)

        return current_app.task(name=task_name(kind), soft_time_limit=time_limit_s, time_limit=time_limit_s + 60)(task)

    return register


def _run_claimed(run: Callable[[JobContext], None], claim: JobClaim) -> None:
    ended, stopped = threading.Event(), threading.Event()
    heart = threading.Thread(target=_beat, args=(claim, ended, stopped), daemon=True)
    heart.start()
    try:
        with tempfile.TemporaryDirectory(prefix="petra-job-") as folder:
            run(JobContext(claim=claim, workspace=Path(folder), stopped=stopped))
    except RunCancelled:
        end_cancelled_job(claim)
    except ClaimLost:
        logger.warning("job %s: the claim was lost, nothing was recorded", claim.job.pk)
    except (ComputeError, DomainError) as error:
        fail_job(claim, message=str(error))
    except SoftTimeLimitExceeded:
        fail_job(claim, message="The job ran into its time limit. Start it again on a faster worker or on fewer cases.")
    except Exception as error:
        kind = type(error).__name__
        # The text of a foreign exception can hold a value of a header, and so a name: only its kind and place are kept.
        frames = extract_tb(error.__traceback__)
        place = "".join(f"\n  {frame.filename}:{frame.lineno} {frame.name}" for frame in frames)
        logger.error("job %s failed: %s%s", claim.job.pk, kind, place)
        heartbeat(claim, log=f"{kind}{place}")
        fail_job(claim, message=f"The program failed ({kind}). The job's log says where; try again or report it.")
    finally:
        ended.set()
        heart.join(timeout=HEARTBEAT_INTERVAL_S * 2)


def _beat(claim: JobClaim, ended: threading.Event, stopped: threading.Event) -> None:
    while not ended.wait(HEARTBEAT_INTERVAL_S):
        try:
            if not heartbeat(claim):
                stopped.set()
        except Exception:
            logger.warning("job %s: a heartbeat failed", claim.job.pk, exc_info=True)
            close_old_connections()
    connection.close()
