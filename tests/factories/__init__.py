"""Small makers of rows for tests."""
