"""A private PostgreSQL and Valkey from pip-installed binaries, for the demo and the tests."""
