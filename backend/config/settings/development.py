"""The demo and a developer's machine: private services started by the launcher, plain HTTP on this machine only."""

import os

from .base import *  # noqa: F403
from .base import database_from_url

DEBUG = os.environ.get("PETRA_DEBUG") == "1"
SECRET_KEY = os.environ.get("DJANGO_SECRET_KEY", "")
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]"]
DATABASES = {"default": database_from_url(os.environ.get("DATABASE_URL", "postgresql://petra@/petra"))}
