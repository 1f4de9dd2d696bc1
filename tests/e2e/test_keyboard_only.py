"""A whole case without a mouse: sign in, open the next case from the worklist, draw, and hand it in."""

import pytest

from backend.annotations.models import Reading
from tests.e2e.conftest import PASSWORD
from tests.e2e.test_viewer import poll, voxel_counts

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]
TABS_LIMIT = 150
FOCUSED = """() => {
  const at = document.activeElement;
  return `${at.id} ${at.getAttribute('name') ?? ''} ${at.getAttribute('aria-label') ?? ''} ${at.textContent.trim()}`;
}"""


def tab_to(page, wanted: str) -> None:
    """Presses Tab until the focus is on what ``wanted`` names; nothing else moves it."""
    seen = []
    for _ in range(TABS_LIMIT):
        page.keyboard.press("Tab")
        seen.append(page.evaluate(FOCUSED))
        if wanted in seen[-1]:
            return
    pytest.fail(f"Tab never reaches {wanted!r}; it went through {seen}")


def test_a_case_is_read_from_sign_in_to_handing_in(browser_page, assignment):
    page, press = browser_page, browser_page.keyboard.press

    page.goto("/accounts/login/?next=/cohorts/reading/worklist/")
    page.keyboard.type("rita")
    press("Tab")
    page.keyboard.type(PASSWORD)
    press("Enter")
    page.wait_for_url(lambda url: url.partition("?")[0].endswith("/worklist/"))
    press("j")
    press("Enter")
    page.wait_for_url("**/view/")
    poll(lambda: page.evaluate("() => window.petraViewer?.state") == "loaded", "every voxel is loaded")

    press("b")
    press("Space")
    press("Control+ArrowRight")
    press("Space")
    drawn = poll(lambda: voxel_counts(page), "the brush has drawn at the crosshair")
    press("Control+z")
    fewer = voxel_counts(page)
    assert fewer["1"] < drawn["1"]
    press("Control+y")
    assert voxel_counts(page) == drawn
    poll(lambda: page.locator("#viewer-saving").get_attribute("data-state") == "saved", "the page says so")

    tab_to(page, "viewer-submit")
    press("Enter")
    page.get_by_role("dialog").wait_for()
    tab_to(page, "Submit")
    press("Enter")
    page.wait_for_url("**/worklist/")
    reading = Reading.objects.get(assignment=assignment)
    assert reading.mask.voxel_count == drawn["1"]
