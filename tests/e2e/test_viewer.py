"""A reader draws in Chromium: the stroke is kept, comes back voxel for voxel after a reload, and is handed in."""

import time
from collections.abc import Callable

import pytest

from backend.annotations.models import Mask, Reading
from backend.cohorts.models import Role
from tests.e2e.conftest import sign_in
from tests.factories.people import make_member
from tests.factories.voxel_cases import block, hand_in, make_assignment, propose_bat_mask
from tests.phantoms.small_petct import small_geometry

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]
PATIENCE_S = 60


def poll(condition: Callable, what: str):
    """Playwright's own waiting evaluates a string, which the pages' policy forbids."""
    end = time.monotonic() + PATIENCE_S
    while not (found := condition()):
        if time.monotonic() > end:
            pytest.fail(f"after {PATIENCE_S} s it still does not hold that {what}")
        time.sleep(0.2)
    return found


def open_viewer(page, url: str) -> None:
    page.goto(url)
    poll(lambda: page.evaluate("() => window.petraViewer?.state") == "loaded", "every voxel is loaded")


def voxel_counts(page) -> dict:
    return page.evaluate("() => window.petraViewer.voxelCounts()")


def centre_of_grid() -> list[float]:
    geometry = small_geometry()
    return [
        origin + spacing * (size // 2)
        for origin, spacing, size in zip(geometry.origin_lps_mm, geometry.spacing_mm, geometry.size_xyz, strict=True)
    ]


def paint_a_stroke(page) -> None:
    """With the brush, across the middle of the fused axial pane."""
    page.locator('[data-tool="brush"]').click()
    place = centre_of_grid()
    page.evaluate("place => window.petraViewer.jumpTo(place)", place)
    x, y = page.evaluate("place => window.petraViewer.canvasPoint(place)", place)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 25, y, steps=5)
    page.mouse.up()


def address(assignment, page: str = "view") -> str:
    return f"/cohorts/{assignment.case.patient.cohort.slug}/assignments/{assignment.pk}/{page}/"


def test_a_stroke_is_saved_comes_back_after_a_reload_and_is_handed_in(browser_page, assignment):
    sign_in(browser_page, "rita")
    open_viewer(browser_page, address(assignment))
    assert voxel_counts(browser_page) == {}
    paint_a_stroke(browser_page)
    drawn = voxel_counts(browser_page)
    assert drawn["1"] > 3
    mask = poll(lambda: Mask.objects.filter(assignment=assignment).first(), "the server has the revision")
    assert mask.voxel_count == drawn["1"]
    poll(lambda: browser_page.locator("#viewer-saving").get_attribute("data-state") == "saved", "the page says so")

    open_viewer(browser_page, address(assignment))
    assert voxel_counts(browser_page) == drawn

    browser_page.locator("#viewer-submit").click()
    browser_page.get_by_role("dialog").get_by_role("button", name="Submit").click()
    browser_page.wait_for_url("**/worklist/")
    browser_page.get_by_text("1 of 1 handed in").wait_for()
    reading = Reading.objects.get(assignment=assignment)
    assert (reading.outcome, reading.mask.voxel_count) == ("lesions", drawn["1"])


def test_brown_fat_is_accepted_as_proposed_and_signed(browser_page, assignment):
    case = assignment.case
    rule = propose_bat_mask(case)
    bat = make_assignment(case, assignment.reader, target="bat")
    sign_in(browser_page, "rita")
    open_viewer(browser_page, address(bat))
    browser_page.get_by_role("button", name="Accept").first.click()
    poll(lambda: voxel_counts(browser_page) == {"1": rule.voxel_count}, "the proposal is taken over")
    poll(lambda: Mask.objects.filter(assignment=bat).exists(), "the server has the revision")
    browser_page.locator("#viewer-submit").click()
    browser_page.get_by_role("dialog").get_by_role("button", name="Submit").click()
    browser_page.wait_for_url("**/worklist/")
    assert Reading.objects.get(assignment=bat).mask == rule


def test_an_adjudicator_compares_what_was_handed_in_and_draws_nothing(browser_page, assignment):
    reading = hand_in(assignment, block(assignment.case))
    cohort = assignment.case.patient.cohort
    make_member(cohort, Role.ADJUDICATOR, username="ada")
    sign_in(browser_page, "ada")
    open_viewer(browser_page, f"/cohorts/{cohort.slug}/cases/{assignment.case.pk}/view/?mask={reading.mask_id}")
    assert voxel_counts(browser_page) == {"1": 27}
    assert browser_page.locator("#viewer-submit").count() == 0
    assert browser_page.locator('[data-tool="brush"]').count() == 0
