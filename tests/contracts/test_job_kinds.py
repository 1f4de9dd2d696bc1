"""Every job kind that a page can start has a task that a worker can run."""

from backend.jobs.models import JobKind
from backend.jobs.services import task_name


def test_every_job_kind_has_a_registered_task():
    from worker.main import app

    assert {task_name(kind) for kind in JobKind} - set(app.tasks) == set()
