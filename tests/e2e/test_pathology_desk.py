"""A p53 photograph in the browser: its label blanked, stored bare, zoomed, nuclei counted; two readers and a third."""

import io

import pytest
from PIL import Image

from backend.annotations.services.consensus import record_consensus
from backend.annotations.services.masks import store_labelmap
from backend.cohorts.models import Role
from backend.core.storage import read_bytes
from backend.pathology.models import IhcProposal, IhcRead, SlidePhotograph
from tests.e2e.conftest import sign_in
from tests.factories.clinical import make_patient
from tests.factories.pathology import make_photograph
from tests.factories.people import make_cohort, make_member
from tests.factories.voxel_cases import block, hand_in, make_assignment, make_voxel_case
from worker.compute.phantoms.stained_tiles import TileRecipe, make_stained_tile

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]
NAME = "Doe Jane HN-4711"


@pytest.fixture
def photograph(tmp_path):
    """A stained tile of 640 × 480 with GPS and a name in its EXIF, and a black label at its left edge."""
    tile = make_stained_tile(TileRecipe(size_yx=(480, 640), nuclei=150, positive_share=0.4, radius_px=9.0, seed=21))
    picture = Image.fromarray(tile.rgb)
    picture.paste("black", (0, 0, 60, 480))
    exif = Image.Exif()
    exif[0x010E] = NAME
    exif.get_ifd(0x8825)[2] = (52.0, 30.0, 0.0)
    path = tmp_path / "slide.jpg"
    picture.save(path, "JPEG", quality=95, exif=exif, comment=NAME.encode())
    return path


def test_a_photograph_is_blanked_stripped_zoomed_and_counted_but_never_entered(
    browser_page, celery_worker_process, photograph
):
    cohort = make_cohort("desk")
    patient = make_patient(cohort, "PETRA-DESK")
    make_member(cohort, Role.PATHOLOGIST, username="paula")
    sign_in(browser_page, "paula")
    browser_page.goto(f"/cohorts/desk/patients/{patient.pseudonym}/pathology/")
    browser_page.locator("form[data-photograph] select").select_option("p53_ihc")
    browser_page.locator("form[data-photograph] input[type=file]").set_input_files(photograph)
    stage = browser_page.locator(".blanking img")
    stage.scroll_into_view_if_needed()
    box = stage.bounding_box()
    browser_page.mouse.move(box["x"], box["y"])
    browser_page.mouse.down()
    browser_page.mouse.move(box["x"] + box["width"] * 0.11, box["y"] + box["height"] - 1, steps=3)
    browser_page.mouse.up()
    browser_page.locator(".blanking .is-blank").wait_for(state="attached")
    browser_page.get_by_role("button", name="Add").click()
    browser_page.get_by_text("The photograph is kept").wait_for()
    kept = SlidePhotograph.objects.get()
    for key in kept.file_keys:
        content = read_bytes(key)
        assert NAME.encode() not in content and b"Exif" not in content
    stored = Image.open(io.BytesIO(read_bytes(kept.storage_key)))
    assert not stored.getexif() and stored.getpixel((20, 200)) == (255, 255, 255) and kept.blanked_areas == 1
    _zoom_and_count(browser_page, cohort, kept)
    proposal = IhcProposal.objects.get()
    assert proposal.percent_positive == pytest.approx(40, abs=6) and not IhcRead.objects.exists()
    browser_page.goto(f"/cohorts/desk/patients/{patient.pseudonym}/pathology/")
    assert browser_page.locator("input[name=percent_stained]").input_value() == ""


def _zoom_and_count(page, cohort, kept) -> None:
    page.goto(f"/cohorts/{cohort.slug}/photographs/{kept.pk}/")
    pane = page.locator(".slide-pane[data-state=drawn]")
    pane.wait_for()
    box = pane.bounding_box()
    middle = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.get_by_role("button", name="Draw a region").click()
    # The whole photograph is shown, so these lie within it whatever its shape.
    side = min(box["width"], box["height"] * 640 / 480) * 0.42
    for dx, dy in ((-1, -0.7), (1, -0.7), (1, 0.7), (-1, 0.7)):
        page.mouse.click(middle[0] + dx * side, middle[1] + dy * side)
        page.wait_for_timeout(400)
    page.get_by_role("button", name="Count nuclei in it").click()
    page.wait_for_url("**/?proposal=*", timeout=60_000)
    page.locator(".slide-overlay polygon.is-positive").first.wait_for(state="attached")
    page.locator(".slide-overlay polygon.is-negative").first.wait_for(state="attached")
    page.locator(".slide-pane[data-state=drawn]").wait_for()
    before = page.locator(".slide-pane").get_attribute("data-zoom")
    page.mouse.move(*middle)
    page.mouse.wheel(0, -600)
    page.locator(f".slide-pane:not([data-zoom='{before}'])").wait_for()


def test_two_pathologists_disagree_unseen_by_each_other_and_a_third_decides(browser_page):
    cohort = make_cohort("third")
    patient = make_patient(cohort, "PETRA-THIRD")
    for name in ("ada", "ben", "cleo"):
        make_member(cohort, Role.PATHOLOGIST, username=name)
    _read(browser_page, patient, "ada", "91")
    browser_page.context.clear_cookies()
    _read(browser_page, patient, "ben", "2", hidden="91")
    browser_page.get_by_text("a third reads the stain").wait_for()
    browser_page.get_by_text("91").first.wait_for()
    browser_page.context.clear_cookies()
    _read(browser_page, patient, "cleo", "3", hidden="91")
    browser_page.get_by_text("TP53 wild-type").wait_for()
    assert IhcRead.objects.count() == 3


def _read(page, patient, name: str, percent: str, hidden: str = "") -> None:
    sign_in(page, name)
    page.goto(f"/cohorts/third/patients/{patient.pseudonym}/pathology/")
    if hidden:
        page.get_by_text("shown once you have signed yours").wait_for()
        assert hidden not in page.locator("main").inner_text()
    page.fill("input[name=percent_stained]", percent)
    page.get_by_role("button", name="Sign").click()
    page.get_by_text("Your read is signed").wait_for()


def test_histology_stands_beside_the_petct_with_its_roi(browser_page):
    cohort = make_cohort("figure")
    case = make_voxel_case(cohort)
    reader = make_member(cohort, Role.READER)
    reading = hand_in(make_assignment(case, reader), block(case, size=5))
    file = store_labelmap(case, block(case, size=5).tobytes(), grid="pet")
    record_consensus(case, target="tumour", method="single", outcome="lesions", readings=[reading], file=file)
    person = make_member(cohort, Role.COORDINATOR, username="clara")
    for stain in SlidePhotograph.Stain.values:
        make_photograph(case.patient, actor=person, stain=stain)
    sign_in(browser_page, "clara")
    browser_page.goto(f"/cohorts/figure/patients/{case.patient.pseudonym}/slides/")
    browser_page.locator(".petct[data-state=drawn]").wait_for()
    fused = browser_page.get_by_label("PET/CT with ROI, axial")
    outlined = """canvas => {
        const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
        let count = 0;
        for (let i = 0; i < data.length; i += 4)
          count += Number(data[i] === 0 && data[i + 1] === 255 && data[i + 2] === 120);
        return count;
    }"""
    assert fused.evaluate(outlined) > 4
    first, second = (browser_page.locator(".slide-pane").nth(place) for place in (0, 1))
    browser_page.locator(".slide-pane[data-state=drawn]").nth(1).wait_for()
    first.hover()
    browser_page.mouse.wheel(0, -600)
    browser_page.wait_for_timeout(1500)
    zooms = [float(pane.get_attribute("data-zoom")) for pane in (first, second)]
    assert zooms[0] > 1.1 and zooms[0] == pytest.approx(zooms[1], rel=0.05)
