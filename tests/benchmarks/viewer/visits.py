"""One visit of a page by a browser with a cold cache, over a network of a given speed."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlencode

import pytest

from tests.benchmarks.viewer.conftest import Bench

PATIENCE_S = 240
# A hospital's own network: the round trip is short, the rate is what differs.
LATENCY_MS = 5
PANE = "document.getElementById('pane-fusion-axial')"


@contextmanager
def visited(browser, bench: Bench, address: str, mbit_s: float | None) -> Iterator:
    """The page at ``address``; ``mbit_s`` = None is the loopback as it is."""
    context = browser.new_context(
        base_url=bench.root, viewport={"width": 1280, "height": 800}, storage_state=bench.cookies
    )
    page = context.new_page()
    page.problems = []
    page.on("pageerror", lambda error: page.problems.append(str(error)))
    if mbit_s:
        session = context.new_cdp_session(page)
        session.send("Network.enable")
        rate = mbit_s * 1e6 / 8
        conditions = {"offline": False, "latency": LATENCY_MS, "downloadThroughput": rate, "uploadThroughput": rate}
        session.send("Network.emulateNetworkConditions", conditions)
    try:
        page.goto(address, wait_until="commit")
        yield page
    finally:
        context.close()


def wait_for(page, expression: str):
    """Polls: the pages' policy forbids what Playwright's own waiting evaluates."""
    end = time.monotonic() + PATIENCE_S
    while not (found := page.evaluate(expression)):
        if page.problems or time.monotonic() > end:
            pytest.fail(f"after {PATIENCE_S} s or an error it does not hold: {expression} {page.problems[:1]}")
        time.sleep(0.1)
    return found


def peer_address(bench: Bench, what: str, **parameters) -> str:
    return "/static/peers/index.html?" + urlencode({"what": what, **parameters}, doseq=True)


def measured(page) -> dict:
    """What a peer's page has measured."""
    found = wait_for(page, "() => window.measured && JSON.parse(JSON.stringify(window.measured))")
    assert "failed" not in found, found
    return found


def viewer_times(page) -> dict:
    """When the viewer had its first fused image and all voxels (ms), and what it had asked for until then."""
    wait_for(
        page, "() => window.petraViewer?.state === 'loaded' && performance.getEntriesByName('petra:loaded').length"
    )
    return page.evaluate("""() => {
      const at = name => performance.getEntriesByName(name)[0].startTime;
      const first_ms = at('petra:first-image');
      const asked = performance.getEntriesByType('resource').filter(one => one.startTime < first_ms);
      return { first_ms, all_ms: at('petra:loaded'), requests: asked.map(one => new URL(one.name).pathname) };
    }""")
