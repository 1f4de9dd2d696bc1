"""The ASGI entry point that uvicorn serves."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backend.config.settings.development")
application = get_asgi_application()

from backend.config import celery  # noqa: E402, F401  (jobs are sent by name through this application)
