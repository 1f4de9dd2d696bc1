"""Single files that wait for a job: outside the object storage, because they still name patients; erased afterwards."""

import time
import uuid
from collections.abc import Iterable
from pathlib import Path

from django.conf import settings

from backend.core.errors import InvalidInput


def stage_file(chunks: Iterable[bytes], *, area: str, limit_bytes: int) -> str:
    """Keeps a delivery under a random name that only PETRA's own account can read, and returns that name."""
    name, size = uuid.uuid4().hex, 0
    path = _area(area) / name
    try:
        with path.open("xb") as handle:
            path.chmod(0o600)
            for chunk in chunks:
                size += len(chunk)
                if size > limit_bytes:
                    raise InvalidInput(f"The file is larger than {limit_bytes // 1024**2} MB: send it in parts.")
                handle.write(chunk)
    except InvalidInput:
        path.unlink()
        raise
    return name


def staged_path(name: str, *, area: str) -> Path:
    """Where a staged file lies. Raises InvalidInput when it was erased already."""
    path = _area(area) / name
    if not path.is_file():
        raise InvalidInput("The delivered file is gone, because it is erased after an attempt: send it again.")
    return path


def erase_staged(name: str, *, area: str) -> None:
    """Removes a staged file; nothing happens where it is gone already."""
    (_area(area) / name).unlink(missing_ok=True)


def staged_names(*, area: str, older_than_s: float) -> list[str]:
    """The files that have waited longer than this."""
    before = time.time() - older_than_s
    return [path.name for path in _area(area).iterdir() if path.stat().st_mtime < before]


def _area(area: str) -> Path:
    folder = Path(settings.PETRA_DATA_DIR) / "staging" / area
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder
