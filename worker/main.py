"""The worker: ``celery -A worker.main worker``. Knows every task; the web process knows only their names."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backend.config.settings.development")
# One thread per process: two workers on shared cores otherwise collapse (OpenMP spins).
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import django  # noqa: E402

django.setup()

from backend.config.celery import app  # noqa: E402
from worker.tasks import load_tasks  # noqa: E402

load_tasks()

__all__ = ["app"]
