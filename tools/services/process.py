"""Server processes that never outlive their launcher, started as a user that PostgreSQL accepts."""

import contextlib
import ctypes
import functools
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tools.services.errors import ServicesError

PR_SET_PDEATHSIG = 1
CLONE_NEWUSER = 0x10000000
NAMESPACE_ID = 1000
NOBODY_ID = 65534
STOP_SIGNALS = {signal.SIGINT, signal.SIGTERM, signal.SIGHUP}


@dataclass(frozen=True)
class Identity:
    """Who a server runs as: words put before its command, a hook between fork and exec, and the owner of its files."""

    name: str
    prefix: tuple[str, ...] = ()
    before_exec: Callable[[], None] | None = None
    owner_id: int | None = None

    def start(self, command: Sequence[str | Path], log_path: Path, **options: object) -> subprocess.Popen:
        """Starts a server in a session of its own, so that the terminal's Ctrl-C reaches only the launcher."""
        with log_path.open("ab") as log:
            return subprocess.Popen(
                [*self.prefix, *map(str, command)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=self.before_exec,
                **options,  # type: ignore[call-overload]
            )

    def run(self, command: Sequence[str | Path], environment: dict[str, str]) -> subprocess.CompletedProcess:
        """Runs a short command to its end and keeps what it printed."""
        return subprocess.run(
            [*self.prefix, *map(str, command)],
            capture_output=True,
            text=True,
            env=environment,
            cwd="/",
            preexec_fn=self.before_exec,
            check=False,
        )

    def own(self, folder: Path) -> None:
        """Gives a folder to the server's user; the kind of identity may have changed since it was made."""
        owner_id = os.geteuid() if self.owner_id is None else self.owner_id
        if folder.stat().st_uid != owner_id:
            for path in (folder, *folder.rglob("*")):
                os.chown(path, owner_id, owner_id, follow_symlinks=False)


def plain_identity(death_signal: signal.Signals = signal.SIGINT) -> Identity:
    """The launcher's own user; the process gets ``death_signal`` when the launcher dies."""
    return Identity("the same user", before_exec=functools.partial(die_with_launcher, death_signal))


def unprivileged_identity(probe: Sequence[str | Path]) -> Identity:
    """A user that is not root, chosen by trying ``probe``: PostgreSQL refuses to run with uid 0.

    A user namespace keeps every file root's and needs no account. Where the kernel or a container forbids it, the
    server drops to nobody and keeps only the right to reach files (so that a checkout below /root still works).
    """
    if os.geteuid() != 0:
        return plain_identity()
    for identity in _identities_for_root():
        with contextlib.suppress(OSError, subprocess.SubprocessError):
            if identity.run(probe, dict(os.environ)).returncode == 0:
                return identity
    raise ServicesError(
        "PostgreSQL does not run as root, and this machine allows neither a user namespace nor dropping privileges: "
        "start PETRA as a plain user, or set DATABASE_URL to a server of yours."
    )


def _identities_for_root() -> Iterator[Identity]:
    if sys.platform == "linux" and not os.environ.get("PETRA_NO_USER_NAMESPACE"):
        yield Identity("a user namespace", before_exec=enter_user_namespace)
    if shutil.which("setpriv"):
        drop = [
            f"--reuid={NOBODY_ID}",
            f"--regid={NOBODY_ID}",
            "--clear-groups",
            "--pdeathsig=INT",
            "--securebits=+no_setuid_fixup",
        ]
        keep = ["--inh-caps=-all,+dac_override", "--ambient-caps=-all,+dac_override"]
        yield Identity("nobody", prefix=("setpriv", *drop, *keep), owner_id=NOBODY_ID)


def die_with_launcher(number: signal.Signals = signal.SIGINT) -> None:
    """Asks the kernel for a signal when the launcher dies, even by kill -9; to both servers SIGINT means a fast end."""
    if sys.platform == "linux":
        _libc().prctl(PR_SET_PDEATHSIG, number)


def enter_user_namespace() -> None:
    """Between fork and exec: root becomes uid 1000 of a namespace of its own, with the same files."""
    user_id, group_id = os.getuid(), os.getgid()
    if _libc().unshare(CLONE_NEWUSER) != 0:
        raise OSError(ctypes.get_errno(), "user namespaces are not allowed here")
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{NAMESPACE_ID} {user_id} 1")
    Path("/proc/self/gid_map").write_text(f"{NAMESPACE_ID} {group_id} 1")
    die_with_launcher()  # last, because a change of credentials clears it


@functools.cache
def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def stop(process: subprocess.Popen | None, *signals: signal.Signals, patience_s: float = 20) -> None:
    """Sends one signal after the other, gentlest first, until the process has ended."""
    for number in (*signals, signal.SIGKILL):
        if process is None or process.poll() is not None:
            return
        process.send_signal(number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(patience_s)


@contextlib.contextmanager
def undisturbed() -> Iterator[None]:
    """For clean-up: a second, impatient Ctrl-C must not leave a process behind."""
    previous = signal.pthread_sigmask(signal.SIG_BLOCK, STOP_SIGNALS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, previous)


def end_group(process: subprocess.Popen, patience_s: float = 10) -> None:
    """Ends a process that leads its own group, and whatever it left running in it."""
    with undisturbed():
        stop(process, signal.SIGTERM, patience_s=patience_s)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)


def last_lines(log_path: Path, count: int = 12) -> str:
    """The end of a log, for the message of a server that did not start."""
    if not log_path.exists():
        return "(no log)"
    return "\n".join(log_path.read_text(errors="replace").splitlines()[-count:])
