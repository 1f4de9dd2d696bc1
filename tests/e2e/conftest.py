"""The whole platform for browser tests: uvicorn and a worker on the test database, and a page in Chromium."""

import os
import shutil
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.conftest import ROOT, start_worker, stop_process_group, wait_until

CHROMIUM = os.environ.get("PETRA_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
FRONT_END = ROOT / "backend" / "static" / "dist" / ".vite" / "manifest.json"
SERVER_READY_S = 60
PASSWORD = "a long enough phrase"
WIDTH, HEIGHT = 1280, 800
# Half the pixels across: what draws without a graphics card is four times as fast, and the layout is the same.
SHARPNESS = 1 if os.environ.get("PETRA_SCREENSHOTS") or os.environ.get("PETRA_PICTURES") else 0.5


@pytest.fixture(scope="session")
def live_server_url(own_database, django_db_blocker, tmp_path_factory) -> Iterator[str]:
    with web_server(tmp_path_factory.mktemp("web")) as address:
        yield address


@contextmanager
def web_server(folder: Path, *, prepare: Callable[[Path], None] = lambda static_root: None) -> Iterator[str]:
    """The address of a web server in its own process group, pointed at the test database.

    ``prepare`` may add to the static files, or compress them, before the server reads them.
    """
    from django.db import connection

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "backend.config.settings.testing",
        "PETRA_TEST_WORKER": connection.settings_dict["NAME"],
        "PETRA_STATIC_ROOT": str(folder / "static"),
    }
    collect = [sys.executable, "manage.py", "collectstatic", "--noinput", "--verbosity", "0"]
    subprocess.run(collect, cwd=ROOT, env=environment, check=True)
    prepare(folder / "static")
    command = [sys.executable, "-m", "uvicorn", "backend.config.asgi:application", "--port", str(port)]
    process = subprocess.Popen(
        [*command, "--host", "127.0.0.1", "--timeout-graceful-shutdown", "2", "--no-access-log"],
        cwd=ROOT,
        env=environment,
        stdout=(folder / "web.log").open("ab"),
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    address = f"http://127.0.0.1:{port}"
    try:
        wait_until(lambda: _answers(address, process), timeout_s=SERVER_READY_S, what="the web server answers")
        yield address
    finally:
        stop_process_group(process)


def _answers(address: str, process: subprocess.Popen) -> bool:
    if process.poll() is not None:
        pytest.fail(f"the web server ended with status {process.returncode}")
    try:
        with urllib.request.urlopen(f"{address}/health/", timeout=5) as answer:
            return answer.status == 200
    except (urllib.error.URLError, OSError):
        return False


@pytest.fixture(scope="session")
def _chromium():
    if not CHROMIUM:
        pytest.skip(
            "CHROMIUM IS MISSING: no page was tried in a browser. Install Debian's chromium or set PETRA_CHROMIUM."
        )
    if not FRONT_END.exists():
        pytest.skip("THE FRONT END IS NOT BUILT: no page was tried in a browser. Run python tools/build_frontend.py.")
    from playwright.sync_api import sync_playwright

    # The browser's event loop runs in this thread, where Django would take the database for used from async code.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    with sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--enable-unsafe-swiftshader"]
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        yield browser
        browser.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture(scope="session")
def line(celery_worker_process, own_database, django_db_blocker, tmp_path_factory) -> Iterator:
    """The followed cohort (tests/e2e/line.py), with a second worker beside the suite's, so that both cores work.

    Tests that use it take no database mark: pytest-django empties the tables after each marked test, and runs
    unmarked ones last, so that nothing else finds the cohort.
    """
    from django.core.management import call_command
    from django.db import connection

    from tests.e2e.line import Line

    folder = tmp_path_factory.mktemp("line")
    with django_db_blocker.unblock():
        second = start_worker(database=connection.settings_dict["NAME"], log_path=folder / "worker.log")
        yield Line(folder)
        stop_process_group(second)
        call_command("flush", "--noinput", verbosity=0)


@pytest.fixture
def assignment():
    """The task of the reader rita: a small synthetic case, of which nothing is drawn yet."""
    from backend.cohorts.models import Role
    from tests.factories.people import make_cohort, make_member
    from tests.factories.voxel_cases import make_assignment, make_voxel_case

    cohort = make_cohort("reading", is_synthetic=True)
    reader = make_member(cohort, Role.READER, username="rita")
    return make_assignment(make_voxel_case(cohort, pseudonym="PETRA-READ0001"), reader)


@pytest.fixture
def browser_page(_chromium, live_server_url):
    """A page of 1280 × 800 on the live server; an error in its console fails the test."""
    context = browser_context(_chromium, live_server_url)
    page, errors = context.new_page(), []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    yield page
    context.close()
    assert errors == []


def browser_context(browser, url: str, **options):
    """A browser of a person's own, in which nobody is signed in."""
    size = {"width": WIDTH, "height": HEIGHT}
    return browser.new_context(base_url=url, viewport=size, device_scale_factor=SHARPNESS, **options)


def sign_in(page, username: str, password: str = PASSWORD) -> None:
    """Through the sign-in page, as a person does."""
    page.goto("/accounts/login/")
    page.fill("input[name=login]", username)
    page.fill("input[name=password]", password)
    page.click("button[type=submit]")
    page.wait_for_url("**/")
