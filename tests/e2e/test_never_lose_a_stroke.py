"""The network is cut, the session ends, the tab dies, two windows draw: every stroke reaches the server."""

import pytest
from django.contrib.sessions.models import Session

from backend.annotations.models import Mask, ReadingSession
from backend.annotations.selectors import newest_revision
from tests.e2e.conftest import browser_context, sign_in
from tests.e2e.test_viewer import address, centre_of_grid, open_viewer, paint_a_stroke, poll, voxel_counts
from tests.factories.voxel_cases import block, draw

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]
SAVE = "**/revisions/"


@pytest.fixture
def page(_chromium, live_server_url):
    """A page whose console may say that requests failed: that is what is tested."""
    context = browser_context(_chromium, live_server_url)
    page, errors = context.new_page(), []
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    context.close()
    assert errors == []


def stroke_at(page, shift_mm: float) -> None:
    """A dab of the brush, beside the middle of the grid."""
    page.locator('[data-tool="brush"]').click()
    x, y, z = centre_of_grid()
    page.evaluate("place => window.petraViewer.jumpTo(place)", [x, y, z])
    left, top = page.evaluate("place => window.petraViewer.canvasPoint(place)", [x + shift_mm, y, z])
    page.mouse.move(left, top)
    page.mouse.down()
    page.mouse.move(left + 4, top)
    page.mouse.up()


def saving_state(page) -> str:
    return page.locator("#viewer-saving").get_attribute("data-state")


def drawn_on_server(assignment) -> int:
    mask = newest_revision(assignment)
    return mask.voxel_count if mask else 0


def test_a_cut_network_an_ended_session_and_a_dead_tab_lose_nothing(page, assignment):
    sign_in(page, "rita")
    open_viewer(page, address(assignment))
    # The network is cut when the save has reached the server: only the answer is lost.
    page.route(SAVE, lambda route: (route.fetch(), route.abort()))
    paint_a_stroke(page)
    poll(lambda: saving_state(page) == "offline", "the page says that it is offline")
    assert "kept here" in page.locator("#viewer-saving").inner_text()
    assert Mask.objects.count() == 1
    stroke_at(page, -40)
    page.unroute(SAVE)
    page.evaluate("() => { window.dispatchEvent(new Event('online')) }")
    poll(lambda: saving_state(page) == "saved", "both strokes are saved")
    assert drawn_on_server(assignment) == voxel_counts(page)["1"]
    assert not Mask.objects.filter(is_branch=True).exists(), "the lost answer made no branch"

    Session.objects.all().delete()
    stroke_at(page, 40)
    poll(lambda: saving_state(page) == "signed-out", "the page says that it is signed out")
    assert page.get_by_role("alert").filter(has_text="signed out").is_visible()
    with page.context.expect_page() as opened:
        page.get_by_role("link", name="Sign in").click()
    beside = opened.value
    beside.fill("input[name=login]", "rita")
    beside.fill("input[name=password]", "a long enough phrase")
    beside.click("button[type=submit]")
    beside.wait_for_url("**/")
    beside.close()
    page.evaluate("() => { window.dispatchEvent(new Event('focus')) }")
    poll(lambda: saving_state(page) == "saved", "the stroke is saved after signing in")
    assert drawn_on_server(assignment) == voxel_counts(page)["1"]

    page.route(SAVE, lambda route: route.abort())
    stroke_at(page, 20)
    poll(lambda: saving_state(page) == "offline", "the page says that it is offline")
    drawn, context = voxel_counts(page), page.context
    page.close()
    again = context.new_page()
    open_viewer(again, address(assignment))
    assert voxel_counts(again) == drawn
    poll(lambda: drawn_on_server(assignment) == drawn["1"], "the draft of the dead tab reached the server")
    assert ReadingSession.objects.filter(assignment=assignment, active_seconds__gt=0).exists()


def test_two_windows_make_two_versions_and_a_draft_of_one_never_replaces_that_of_the_other(page, assignment):
    sign_in(page, "rita")
    other = page.context.new_page()
    for window in (page, other):
        open_viewer(window, address(assignment))
        window.route(SAVE, lambda route: route.abort())
    stroke_at(page, -40)
    stroke_at(other, 40)
    for window in (page, other):
        poll(lambda window=window: saving_state(window) == "offline", "both windows keep their stroke")
    page.close()
    other.close()
    again = page.context.new_page()
    open_viewer(again, address(assignment))
    poll(lambda: Mask.objects.count() == 2, "both strokes reached the server")
    assert Mask.objects.filter(is_branch=True).count() == 1
    assert all(mask.voxel_count > 0 for mask in Mask.objects.all())


def test_versions_are_looked_at_side_by_side_two_at_a_time_and_made_into_one(page, assignment):
    start = draw(assignment, block(assignment.case))
    left = draw(assignment, block(assignment.case, size=5), parent=start)
    middle = draw(assignment, block(assignment.case, first=12, size=2), parent=start)
    right = draw(assignment, block(assignment.case, first=9, size=4), parent=start)
    sign_in(page, "rita")
    open_viewer(page, address(assignment))
    page.locator("#viewer-submit").click()
    warning = page.get_by_role("dialog").get_by_text("2 other versions of this reading are still open")
    warning.wait_for()
    page.get_by_role("dialog").get_by_role("button", name="Cancel").click()
    page.get_by_role("button", name="Versions").click()
    page.get_by_role("button", name="Compare and merge").click()
    page.get_by_role("heading", name="Two of 3 versions").wait_for()
    page.get_by_label("Take Primary tumour").select_option("union")
    page.get_by_role("button", name="Make one of these two").click()
    page.get_by_role("img", name="Revision 2").wait_for()
    page.get_by_label("Take Primary tumour").select_option("union")
    with page.expect_navigation():
        page.get_by_role("button", name="Make one version").click()
    merged = poll(lambda: Mask.objects.filter(merged=left).first(), "one version is made of three")
    assert {merged.parent.parent, merged.parent.merged} == {middle, right}
    poll(lambda: page.evaluate("() => window.petraViewer?.state") == "loaded", "the page opens again")
    assert voxel_counts(page) == {"1": merged.voxel_count}
    page.get_by_role("button", name="Versions").click()
    with page.expect_navigation():
        page.get_by_role("row").filter(has_text="1").get_by_role("button", name="Bring back").last.click()
    poll(lambda: newest_revision(assignment).provenance.get("restored") == str(start.pk), "the first is the newest")
    # Closing a browser in the middle of this reload can wait for ever.
    poll(lambda: page.evaluate("() => window.petraViewer?.state") == "loaded", "the page shows the first version")
