"""Opening a case with a cold cache asks the server for little before the first image is on the screen."""

import pytest

from tests.e2e.conftest import browser_context, sign_in
from tests.e2e.test_viewer import address, open_viewer

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]
# Ten come (the page and nine resources); nothing that could come at a moment of its own is among them.
REQUESTS_LIMIT = 12
ASKED = """() => {
  const first_ms = performance.getEntriesByName('petra:first-image')[0].startTime;
  const asked = performance.getEntriesByType('resource').filter(({ startTime }) => startTime < first_ms);
  return asked.map(({ name }) => new URL(name).pathname);
}"""


def test_at_most_twelve_requests_come_before_the_first_image(browser_page, _chromium, live_server_url, assignment):
    sign_in(browser_page, "rita")
    cold = browser_context(_chromium, live_server_url, storage_state=browser_page.context.storage_state())
    try:
        page = cold.new_page()
        open_viewer(page, address(assignment))
        asked = page.evaluate(ASKED)
    finally:
        cold.close()
    # The page itself is no resource of its own.
    assert 1 + len(asked) <= REQUESTS_LIMIT, "\n".join(asked)
    assert len([one for one in asked if one.endswith("/preview/")]) == 2
    assert not [one for one in asked if "/slabs/" in one], "slabs wait until the previews are shown"
