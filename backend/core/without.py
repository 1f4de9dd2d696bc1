"""JSON without what it says of one patient."""

from typing import Any


def without(value: Any, pseudonym: str) -> Any:
    """The value without the list entries and the keys that name the pseudonym, at any depth."""
    if isinstance(value, dict):
        return {key: without(one, pseudonym) for key, one in value.items() if key != pseudonym}
    if isinstance(value, list):
        return [without(one, pseudonym) for one in value if not _names(one, pseudonym)]
    return value


def _names(value: Any, pseudonym: str) -> bool:
    return value == pseudonym or (isinstance(value, dict) and pseudonym in value.values())
