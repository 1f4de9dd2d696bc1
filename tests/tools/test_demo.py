"""The demo keeps secrets to itself, goes on where it stopped, reports what failed and ends what it started."""

import json
import os
import signal
import socket
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest
from rich.console import Console

from tools.demo import children, credentials, runner, steps
from tools.demo.state import State
from tools.services.errors import ServicesError

REPOSITORY = Path(__file__).resolve().parents[2]


def a_step(tmp_path: Path, code: str, **changes: object) -> steps.Step:
    command = (sys.executable, "-c", code)
    return steps.Step(title="A step", command=command, usual_s=1, **changes)  # type: ignore[arg-type]


@pytest.fixture
def run_steps(tmp_path: Path):
    console = Console(record=True, width=200)

    def run(*chosen: steps.Step, check=lambda: None, environment: dict[str, str] | None = None) -> str:
        state = State(tmp_path / "state.json")
        runner.Runner(console, state, tmp_path, check).run(chosen, dict(os.environ) | (environment or {}))
        return console.export_text()

    return run


def test_secrets_are_private_random_and_kept(tmp_path: Path) -> None:
    path = tmp_path / "secrets.json"
    first = credentials.load_or_make(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert credentials.load_or_make(path) == first
    assert credentials.load_or_make(tmp_path / "other.json").secret_key != first.secret_key
    assert set(first.passwords) == set(credentials.ACCOUNTS)
    assert len(set(first.passwords.values())) == len(credentials.ACCOUNTS)
    assert all(len(password) >= 12 for password in first.passwords.values())


def test_an_account_that_is_new_gets_a_password_and_the_others_keep_theirs(tmp_path: Path) -> None:
    path = tmp_path / "secrets.json"
    first = credentials.load_or_make(path)
    content = json.loads(path.read_text())
    del content["passwords"]["analyst"]
    path.write_text(json.dumps(content))
    second = credentials.load_or_make(path)
    assert second.passwords["analyst"]
    assert second.passwords["admin"] == first.passwords["admin"]


@pytest.mark.parametrize(
    ("folder", "slug"),
    [("My Study 2", "my-study-2"), ("demo", "demo-dicom"), ("___", "imported"), ("x" * 80, "x" * 60)],
)
def test_a_folder_names_its_cohort(folder: str, slug: str) -> None:
    assert steps.cohort_slug(Path("/data") / folder) == slug


def test_a_done_step_is_not_run_again_until_what_it_follows_from_changes(tmp_path: Path, run_steps) -> None:
    source = tmp_path / "source"
    source.write_text("1")
    log = tmp_path / "runs"
    step = a_step(tmp_path, f"open({str(log)!r}, 'a').write('x')", follows_from=(source,))
    run_steps(step)
    run_steps(step)
    assert log.read_text() == "x"
    source.write_text("22")
    run_steps(step)
    assert log.read_text() == "xx"


def test_an_interrupted_step_starts_clean(tmp_path: Path, run_steps) -> None:
    made = tmp_path / "made"
    step = a_step(tmp_path, f"import os; os.mkdir({str(made)!r})", makes=made)
    made.mkdir()
    (made / "half").touch()
    run_steps(step)
    assert list(made.iterdir()) == []
    made.rmdir()
    run_steps(step)
    assert made.exists()


def test_a_failed_step_names_its_log_and_is_run_again(tmp_path: Path, run_steps) -> None:
    step = a_step(tmp_path, "print('the reason'); raise SystemExit(3)")
    for _ in range(2):
        with pytest.raises(runner.StepFailed, match=r"status 3: read .*step-.*\.log[\s\S]*the reason"):
            run_steps(step)


def test_only_the_owners_step_learns_the_owners_address(tmp_path: Path, run_steps) -> None:
    addresses = {"DATABASE_URL": "as application", "MIGRATION_DATABASE_URL": "as owner"}
    for as_owner, expected in ((True, "as owner"), (False, "as application")):
        code = f"import os; assert os.environ['DATABASE_URL'] == {expected!r}, os.environ['DATABASE_URL']"
        run_steps(a_step(tmp_path, code, as_owner=as_owner), environment=addresses)


def test_percentages_of_a_step_move_the_bar_and_stay_out_of_the_log(tmp_path: Path, run_steps) -> None:
    run_steps(a_step(tmp_path, r"print('\rWriting  7%\rWriting  40%\nread 3 files')"))
    [log] = tmp_path.glob("step-*.log")
    assert log.read_text().split() == ["read", "3", "files"]


def test_a_dead_process_stops_the_step_that_runs(tmp_path: Path, run_steps) -> None:
    child = children.Child("worker", ("sh", "-c", "echo why it died; exit 4"), tmp_path / "worker.log")
    child.start(dict(os.environ))
    started = time.monotonic()
    with pytest.raises(
        children.ChildDied, match=r"The worker ended with status 4: read .*worker.log[\s\S]*why it died"
    ):
        run_steps(a_step(tmp_path, "import time; time.sleep(60)"), check=child.check)
    assert time.monotonic() - started < 20


@pytest.mark.parametrize(
    ("elapsed_s", "fraction", "measured", "left_s"), [(10, 0.5, True, 10), (10, 0.1, False, 90), (300, 0.95, False, 5)]
)
def test_the_time_left_follows_the_steps_own_pace_or_its_usual_time(
    elapsed_s: float, fraction: float, measured: bool, left_s: float
) -> None:
    assert runner.step_left_s(elapsed_s, fraction, 100, measured=measured) == pytest.approx(left_s)


def test_a_process_that_ignores_the_request_is_ended_with_all_that_it_started(tmp_path: Path) -> None:
    script = "trap '' TERM; sleep 300 & echo $! > pids; wait; sleep 300"
    child = children.Child("stubborn", ("sh", "-c", f"cd {tmp_path}; {script}"), tmp_path / "log", patience_s=0.5)
    with children.running([child], dict(os.environ)):
        while not (tmp_path / "pids").exists() or not (tmp_path / "pids").read_text():
            time.sleep(0.02)
    with pytest.raises(ProcessLookupError):
        # The grandchild is gone, or a zombie that nobody has reaped yet.
        grandchild = int((tmp_path / "pids").read_text())
        for _ in range(100):
            os.kill(grandchild, 0)
            if "Z" in Path(f"/proc/{grandchild}/stat").read_text().split()[2]:
                raise ProcessLookupError
            time.sleep(0.05)


def test_a_port_in_use_is_passed_over() -> None:
    with socket.socket() as taken:
        taken.bind((children.HOST, 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert children.free_port(port) > port


def test_a_server_that_dies_is_reported_while_waiting_for_it(tmp_path: Path) -> None:
    child = children.Child("web server", ("sh", "-c", "exit 1"), tmp_path / "web.log")
    child.start(dict(os.environ))
    with pytest.raises(ServicesError, match="The web server ended with status 1"):
        children.wait_for_health(f"http://{children.HOST}:1", [child])


def test_a_wrong_folder_is_a_sentence() -> None:
    command = [sys.executable, "-m", "tools.demo", "--dicom", "/no/such/folder"]
    answer = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert (answer.returncode, answer.stderr.count("\n")) == (2, 1)
    assert "is not a folder" in answer.stderr


def test_worker_processes_get_the_soft_shutdown(tmp_path: Path) -> None:
    by_name = {child.name: child for child in children.petra_children(tmp_path, 8000)}
    assert by_name["worker"].stop_signal == by_name["system worker"].stop_signal == signal.SIGQUIT


def test_another_terminal_can_read_the_environment(tmp_path: Path) -> None:
    path = tmp_path / "env.sh"
    credentials.write_environment(path, {"DATABASE_URL": "postgresql://petra@/petra?host=/tmp/x", "ODD": "it's $HOME"})
    printed = subprocess.run(
        ["sh", "-c", '. "$0"; echo "$DATABASE_URL $ODD"', str(path)], capture_output=True, text=True, check=True
    ).stdout
    assert printed.strip() == "postgresql://petra@/petra?host=/tmp/x it's $HOME"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
