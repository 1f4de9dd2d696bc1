"""The Celery application; the web process sends tasks through it by name and never imports one."""

import os

from celery import Celery
from kombu import Queue

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backend.config.settings.development")

app = Celery("petra")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.task_queues = [Queue(name) for name in ("io", "cpu", "gpu", "system")]
app.conf.task_default_queue = "cpu"
app.conf.beat_schedule = {
    "sweep-jobs": {"task": "worker.sweep_jobs", "schedule": 5.0, "options": {"queue": "system"}},
    "erase-abandoned-uploads": {
        "task": "worker.erase_abandoned_uploads",
        "schedule": 3600.0,
        "options": {"queue": "system"},
    },
}
app.set_default()
