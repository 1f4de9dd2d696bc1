"""``make schema``: writes docs/openapi.yaml from the API's code, and what the front end generates from it."""

import os
import subprocess
import sys

from tools.build_frontend import FRONTEND, REPOSITORY, BuildRefused, find_npm

OPENAPI = REPOSITORY / "docs" / "openapi.yaml"


def main() -> int:
    """Returns the status of the first command that failed; the drift tests compare what it writes."""
    # The testing settings need no secret, and describing the API opens no database.
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "backend.config.settings.testing"}
    describe = [sys.executable, "manage.py", "spectacular", "--validate", "--fail-on-warn", "--file", str(OPENAPI)]
    status = subprocess.run(describe, cwd=REPOSITORY, env=environment, check=False).returncode
    if status != 0:
        return status
    try:
        generate = [*find_npm(), "run", "--silent", "--if-present", "types"]
    except BuildRefused as refusal:
        print(refusal, file=sys.stderr)
        return 2
    return subprocess.run(generate, cwd=FRONTEND, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
