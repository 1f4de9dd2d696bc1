"""The REST API of a person's own account."""
