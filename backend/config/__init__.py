"""Configuration. The Celery application is loaded with it: every process that can write a job can ring the bell."""

from backend.config.celery import app as celery_app

__all__ = ["celery_app"]
