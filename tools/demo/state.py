"""Which steps have been done, so that a second start goes on where the first one ended."""

import json
import shutil
from pathlib import Path

from tools.demo.steps import Step


class State:
    """The fingerprints of finished steps, kept beside the data that they made."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.done: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}

    def is_done(self, step: Step) -> bool:
        """Whether the step succeeded before, nothing it follows from has changed, and what it made is still there."""
        made = step.makes is None or step.makes.exists()
        return made and self.done.get(_key(step)) == step.fingerprint()

    def clear(self, step: Step) -> None:
        """Removes what an interrupted run left."""
        if step.makes is not None and step.makes.exists():
            shutil.rmtree(step.makes)

    def record(self, step: Step) -> None:
        """Remembers the step; the file is replaced at once, so that a crash leaves the old one."""
        self.done[_key(step)] = step.fingerprint()
        draft = self.path.with_suffix(".draft")
        draft.write_text(json.dumps(self.done, indent=2))
        draft.replace(self.path)


def _key(step: Step) -> str:
    # Two folders are two cohorts, so the title alone does not name a step.
    return " ".join(step.command[1:])
