"""Fixtures of the imaging tests."""

from tests.factories.staging import own_staging  # noqa: F401
