"""A private Valkey, the Celery broker: reached by a Unix socket only."""

import fcntl
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

import redis

from tools.services import process
from tools.services.binaries import valkey_server
from tools.services.errors import ServicesError

START_LIMIT_S = 30
LEFT_OVER_LIMIT_S = 15
DURABLE_OPTIONS = ("--appendonly", "yes", "--appendfsync", "everysec")


class Valkey:
    """A Valkey server below ``root``; ``durable=False`` keeps nothing on disk."""

    def __init__(self, root: Path, *, durable: bool = True) -> None:
        self.program = valkey_server()
        self.durable = durable
        self.log_path = root / "valkey.log"
        self.data = root / "valkey"
        self.server: subprocess.Popen | None = None
        self.socket: Path | None = None

    def start(self) -> "Valkey":
        """Starts the server and waits until it answers."""
        self.data.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.socket = Path(tempfile.mkdtemp(prefix="petra-vk-", dir="/tmp")) / "s"
        # The server inherits this lock and holds it for as long as it lives, so two never write to one folder.
        with (self.data / "lock").open("w") as lock:
            self._wait_for(lock.fileno())
            self.server = process.plain_identity().start(self._command(), self.log_path, pass_fds=[lock.fileno()])
        self._wait_until_ready()
        return self

    def stop(self) -> None:
        """Asks the server to write what it holds and end."""
        process.stop(self.server, signal.SIGTERM)
        if self.socket:
            shutil.rmtree(self.socket.parent, ignore_errors=True)

    def url(self) -> str:
        """``redis+socket:///tmp/petra-vk-xxxx/s?virtual_host=0``, the form that kombu reads."""
        return f"redis+socket://{self.socket}?virtual_host=0"

    def _command(self) -> list[str | Path]:
        where = ["--port", "0", "--unixsocket", str(self.socket), "--unixsocketperm", "700", "--dir", str(self.data)]
        kept = DURABLE_OPTIONS if self.durable else ("--appendonly", "no")
        return [self.program, *where, *kept, "--save", "", "--maxmemory-policy", "noeviction"]

    def _wait_for(self, lock: int) -> None:
        limit = time.monotonic() + LEFT_OVER_LIMIT_S
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return
            except BlockingIOError as error:
                if time.monotonic() > limit:
                    raise ServicesError(
                        f"A Valkey of an earlier run still uses {self.data}: end that process, then start again."
                    ) from error
            time.sleep(0.1)

    def _wait_until_ready(self) -> None:
        limit = time.monotonic() + START_LIMIT_S
        client = redis.Redis(unix_socket_path=str(self.socket))
        while True:
            try:
                client.ping()
                client.close()
                return
            except redis.RedisError as error:
                if self.server is None or self.server.poll() is not None or time.monotonic() > limit:
                    end = process.last_lines(self.log_path)
                    raise ServicesError(f"Valkey did not start; the end of {self.log_path}:\n{end}") from error
            time.sleep(0.02)
