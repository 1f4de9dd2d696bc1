"""Where the published reference data lies, for the tests that read it; a clone without it skips them with a reason."""

import os
from pathlib import Path

import pytest

_BESIDE_CHECKOUT = Path(__file__).resolve().parents[2] / "shared" / "data"
REFERENCE_DATA = Path(os.environ.get("PETRA_REFERENCE_DATA", _BESIDE_CHECKOUT))


def reference_path(*parts: str) -> Path:
    """The path below the reference data, or a skip that says what is missing and how to provide it."""
    path = REFERENCE_DATA.joinpath(*parts)
    if not path.exists():
        pytest.skip(f"reference data {'/'.join(parts)} is not here: set PETRA_REFERENCE_DATA to its folder")
    return path
