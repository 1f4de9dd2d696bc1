"""A hospital's installation behind nginx: every secret comes from the environment and has no default."""

import os

from .base import *  # noqa: F403
from .base import database_from_url

DEBUG = False
SECRET_KEY = os.environ["DJANGO_SECRET_KEY"]
PETRA_PSEUDONYM_KEY = os.environ["PETRA_PSEUDONYM_KEY"]
ALLOWED_HOSTS = os.environ["PETRA_ALLOWED_HOSTS"].split(",")
CSRF_TRUSTED_ORIGINS = [f"https://{host}" for host in ALLOWED_HOSTS]
DATABASES = {"default": database_from_url(os.environ["DATABASE_URL"])}
PETRA_ACCEL_PREFIX = os.environ.get("PETRA_ACCEL_PREFIX", "/protected/")
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_SSL_REDIRECT = True
SECURE_HSTS_SECONDS = 31536000
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True
