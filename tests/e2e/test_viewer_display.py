"""How a case is shown: settings that follow the person, keys, the turning MIP, graphics that fail, and none at all."""

import pytest

from backend.accounts.models import ViewerSettings
from backend.cohorts.models import Role
from tests.e2e.conftest import CHROMIUM, sign_in
from tests.e2e.test_viewer import address, open_viewer, paint_a_stroke, poll, voxel_counts
from tests.factories.people import make_member
from tests.factories.voxel_cases import block, draw, hand_in, make_assignment

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def page_without_graphics(_chromium, live_server_url):
    """A browser of its own, in which no page gets WebGL."""
    browser = _chromium.browser_type.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-3d-apis"])
    page, errors = browser.new_page(base_url=live_server_url, viewport={"width": 1280, "height": 800}), []
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    browser.close()
    assert errors == []


def camera(page, pane: str) -> dict:
    return page.evaluate("pane => window.petraViewer.camera(pane)", pane)


def cursor(page) -> list[float]:
    return page.evaluate("() => window.petraViewer.cursor()")


def brightness_range(page, pane: str) -> int:
    """How far apart the grey levels of a pane's image lie; next to nothing where nothing is drawn."""
    return page.evaluate(
        """pane => {
            const canvas = document.querySelector(`[data-pane="${pane}"] canvas`);
            const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext('2d');
            copy.drawImage(canvas, 0, 0);
            const { data } = copy.getImageData(0, 0, canvas.width, canvas.height);
            const green = data.filter((_, i) => i % 4 === 1);
            return green.reduce((a, b) => Math.max(a, b), 0) - green.reduce((a, b) => Math.min(a, b), 255);
        }""",
        pane,
    )


def green_share(page, pane: str) -> float:
    """The share of a pane's pixels in the first lesion's colour."""
    return page.evaluate(
        """pane => {
            const canvas = document.querySelector(`[data-pane="${pane}"] canvas`);
            const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext('2d');
            copy.drawImage(canvas, 0, 0);
            const { data } = copy.getImageData(0, 0, canvas.width, canvas.height);
            let green = 0;
            for (let i = 0; i < data.length; i += 4)
                green += data[i + 1] > data[i] + 20 && data[i + 1] > data[i + 2] + 10;
            return (4 * green) / data.length;
        }""",
        pane,
    )


def test_what_was_set_by_key_is_there_at_the_next_opening(browser_page, assignment):
    sign_in(browser_page, "rita")
    open_viewer(browser_page, address(assignment))
    for key in ("1", "w", "i", "+", "h"):
        browser_page.keyboard.press(key)
    kept = poll(
        lambda: ViewerSettings.objects.filter(values__pet_colours="hot iron").first(), "the server has the settings"
    )
    assert kept.user == assignment.reader
    assert (kept.values["layout"], kept.values["ct_level_hu"]) == ("pet", -600)
    assert (kept.values["tumour_suv_bw_upper"], kept.values["crosshair_shown"]) == (8.5, False)

    open_viewer(browser_page, address(assignment))
    assert browser_page.locator('[data-value="pet"]').get_attribute("aria-pressed") == "true"
    assert browser_page.locator('[data-value="hot iron"]').get_attribute("aria-pressed") == "true"
    assert "8.5" in browser_page.locator("#suv-upper").inner_text()


def test_keys_move_zoom_and_turn_and_the_sheet_lists_them(browser_page, assignment):
    sign_in(browser_page, "rita")
    open_viewer(browser_page, address(assignment))
    press, before, shown = browser_page.keyboard.press, cursor(browser_page), camera(browser_page, "fusion-axial")
    press("ArrowUp")
    press("Control+ArrowRight")
    moved = [after - start for after, start in zip(cursor(browser_page), before, strict=True)]
    assert [round(abs(step)) for step in moved] == [8, 0, 8]
    press("z")
    assert camera(browser_page, "fusion-axial")["half_height_mm"] == pytest.approx(shown["half_height_mm"] / 1.25)

    front = camera(browser_page, "mip")["normal"]
    press("m")
    poll(lambda: camera(browser_page, "mip")["normal"][0] > front[0] + 0.05, "the MIP turns by itself")
    press("m")
    resting = camera(browser_page, "mip")["normal"]
    press("k")
    assert camera(browser_page, "mip")["normal"] != resting

    press("?")
    sheet = browser_page.locator("dialog[open]")
    meanings = sheet.locator("dd").all_inner_texts()
    assert len(meanings) == len(set(meanings)) > 50
    assert {"Zoom out", "Crosshair up", "Pan left (middle button)", "Brush", "Undo"} <= set(meanings)
    assert sheet.locator("h3").all_inner_texts()[:4] == ["Layout and panes", "Moving", "Images", "MIP"]


def test_lost_graphics_come_back_with_every_stroke(browser_page, assignment):
    sign_in(browser_page, "rita")
    open_viewer(browser_page, address(assignment))
    paint_a_stroke(browser_page)
    drawn = voxel_counts(browser_page)
    browser_page.evaluate(
        """() => {
            const graphics = window.petraViewer.graphicsCanvas().getContext('webgl2');
            window.fault = graphics.getExtension('WEBGL_lose_context');
            window.fault.loseContext();
        }"""
    )
    message = browser_page.locator(".viewer-message")
    poll(lambda: "what you drew is safe" in message.inner_text(), "the page says what happened")
    browser_page.evaluate("() => window.fault.restoreContext()")
    poll(lambda: "graphics are back" in message.inner_text(), "the graphics come back")
    assert voxel_counts(browser_page) == drawn
    for pane in ("fusion-axial", "fusion-coronal", "mip"):
        poll(lambda pane=pane: brightness_range(browser_page, pane) > 100, f"{pane} shows its image again")
    browser_page.keyboard.press("Control+z")
    assert voxel_counts(browser_page) == {}


def test_two_readings_are_looked_at_side_by_side(browser_page, assignment):
    case, cohort = assignment.case, assignment.case.patient.cohort
    rolf = make_member(cohort, Role.READER, username="rolf")
    own = hand_in(assignment, block(case, first=11))
    other = hand_in(make_assignment(case, rolf), block(case, first=12, size=5))
    make_member(cohort, Role.ADJUDICATOR, username="ada")
    sign_in(browser_page, "ada")
    open_viewer(browser_page, f"/cohorts/{cohort.slug}/cases/{case.pk}/view/?mask={own.mask_id}")
    titles = browser_page.locator(".viewer-whose")
    assert "rita" in titles.nth(0).inner_text()
    browser_page.locator("#compared-with").select_option(str(other.mask_id))
    poll(lambda: "rolf" in titles.nth(3).inner_text(), "the right half names the other reader")
    poll(
        lambda: green_share(browser_page, "other-fusion-axial") > 2 * green_share(browser_page, "fusion-axial") > 0,
        "the right half shows the other's larger contour",
    )


def test_without_graphics_the_slices_can_still_be_looked_at(page_without_graphics, assignment):
    page = page_without_graphics
    draw(assignment, block(assignment.case, first=11))
    sign_in(page, "rita")
    open_viewer(page, address(assignment))
    assert "You can look at the slices here, but not draw" in page.get_by_role("alert").inner_text()
    for pane in ("look-ct", "look-pet"):
        poll(lambda pane=pane: brightness_range(page, pane) > 100, f"{pane} shows a slice")
    assert page.locator('[data-tool="brush"]').count() == 0
    caption = page.locator('[data-pane="look-ct"] .viewer-slice')
    first = caption.inner_text()
    page.keyboard.press("ArrowUp")
    poll(lambda: caption.inner_text() != first, "the next slice is shown")
