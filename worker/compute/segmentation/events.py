"""Progress of a training process as JSON lines on its saved standard output; everything else it prints is log."""

import json
import os
import sys
import time
from typing import TextIO


def take_over_stdout() -> TextIO:
    """The real standard output for events; what libraries print goes to standard error from now on."""
    events = os.fdopen(os.dup(sys.stdout.fileno()), "w", buffering=1)
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    return events


class EventWriter:
    """Writes one event per line; a reader that went away is not an error of the training."""

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream

    def __call__(self, event: str, **values: object) -> None:
        self.stream.write(json.dumps({"event": event, "time_s": round(time.time(), 3), **values}) + "\n")
        self.stream.flush()


def parse_event(line: str) -> dict | None:
    """The event of a line, or None for anything that is not one."""
    if not line.startswith("{"):
        return None
    try:
        value = json.loads(line)
    except ValueError:
        return None
    return value if isinstance(value, dict) and "event" in value else None
