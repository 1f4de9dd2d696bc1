"""A staging area of a test's own: what it leaves there is nobody else's."""

import pytest


@pytest.fixture
def own_staging(settings, tmp_path):
    settings.PETRA_DATA_DIR = tmp_path / "data"
