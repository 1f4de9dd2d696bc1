"""The suite: real PostgreSQL, Valkey and worker; cheap password hashing; files in a folder of the run."""

import os
import tempfile
from pathlib import Path

from .base import *  # noqa: F403
from .base import STORAGES, database_from_url

DEBUG = False
SECRET_KEY = "only-for-tests-of-this-run"  # noqa: S105
PETRA_PSEUDONYM_KEY = "only-for-tests-of-this-run"
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "testserver"]
DATABASES = {"default": database_from_url(os.environ.get("DATABASE_URL", "postgresql://petra@/petra"))}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
# The worker is a process of its own and must find the same folder: it is handed down in the environment.
PETRA_DATA_DIR = Path(os.environ.setdefault("PETRA_DATA_DIR", tempfile.mkdtemp(prefix="petra-test-files-")))
MEDIA_ROOT = PETRA_DATA_DIR
STORAGES = {
    **STORAGES,
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": PETRA_DATA_DIR}},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
# A worker that serves the suite is pointed at the test database by name.
if os.environ.get("PETRA_TEST_WORKER"):
    DATABASES["default"]["NAME"] = os.environ["PETRA_TEST_WORKER"]
AXES_ENABLED = False
