"""The web application, in which a process kills itself between the stored file and the commit while a file says so.

``uvicorn tests.faults.dying_web:application``: production code has no such hook.
"""

import importlib
import os
import signal
from pathlib import Path

from backend.config.asgi import application

__all__ = ["application"]
# Models are there only once the application is set up.
drawing = importlib.import_module("backend.annotations.services.drawing")
_record_mask = drawing.record_mask


def record_and_die(**values):
    """Writes the row, and ends the process before its transaction is committed."""
    mask = _record_mask(**values)
    if Path(os.environ["PETRA_DIE_FLAG"]).exists():
        os.kill(os.getpid(), signal.SIGKILL)
    return mask


drawing.record_mask = record_and_die
