"""The drawing tools on a real PET/CT (STS_001): what the server holds is what numpy and scipy work out."""

import shutil

import numpy as np
import pydicom
import pytest
from django.core.management import call_command
from scipy import ndimage

from backend.annotations.models import ProposalRejection
from backend.cohorts.models import Role
from backend.imaging.models import Case
from tests.e2e.conftest import sign_in
from tests.e2e.drawing_desk import DrawingDesk, Sight
from tests.e2e.test_viewer import address, open_viewer, poll
from tests.factories.people import make_cohort, make_member
from tests.factories.voxel_cases import make_assignment, propose_tumour_mask
from tests.reference_data import reference_path

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.django_db(transaction=True)]
RADIUS_MM, SMALL_MM, MARGIN_MM, BOUND_MM, TOLERANCE, LIVER_MM = 10, 4, 4, 40, 0.4, 15
ISLAND_ML = 0.5
# Lean body mass of a man (Janmahasatian 2005), from the height and weight in the PET's header.
HEIGHT_M, WEIGHT_KG = 1.63, 71.0
SUL_PER_SUV_BW = 9270 / (6680 + 216 * WEIGHT_KG / HEIGHT_M**2)


@pytest.fixture
def assignment(celery_worker_process, tmp_path):
    """The slices that CT and PET share, without the contours that came along: import, volumes and case are real."""
    for modality in ("CT", "PET"):
        (tmp_path / modality).mkdir()
    chest_mm = lowest_and_highest(reference_path("petct", "STS_001", "CT", "image"))
    for modality in ("CT", "PET"):
        for path in sorted(reference_path("petct", "STS_001", modality, "image").iterdir()):
            if chest_mm[0] <= height_mm(path) <= chest_mm[1]:
                shutil.copy(path, tmp_path / modality)
    cohort = make_cohort("sarcoma")
    call_command("import_dicom", "--cohort", cohort.slug, str(tmp_path))
    case = poll(lambda: Case.objects.filter(patient__cohort=cohort).first(), "the case is built")
    return make_assignment(case, make_member(cohort, Role.READER, username="rita"))


def height_mm(path) -> float:
    return float(pydicom.dcmread(path, stop_before_pixels=True, specific_tags=["ImagePositionPatient"])[0x200032][2])


def lowest_and_highest(folder) -> tuple[float, float]:
    heights_mm = [height_mm(path) for path in folder.iterdir()]
    return min(heights_mm) - 1, max(heights_mm) + 1


def test_what_each_tool_draws_is_what_the_server_holds(browser_page, assignment):
    sight = Sight(assignment.case)
    proposed = sight.ball_about(2, 0, 0, radius_mm=RADIUS_MM)
    propose_tumour_mask(assignment.case, proposed.astype(np.uint8))
    sign_in(browser_page, "rita")
    open_viewer(browser_page, address(assignment))
    desk = DrawingDesk(browser_page, assignment, sight)
    brushes_and_margins(desk)
    thresholds(desk)
    contours(desk)
    islands_holes_and_slices(desk)
    proposals(desk, proposed)
    ruler(desk)


def brushes_and_margins(desk: DrawingDesk) -> None:
    sight = desk.sight
    ball, disc = sight.away_mm <= RADIUS_MM, (sight.away_mm <= RADIUS_MM) & (sight.steps[0] == 0)
    desk.press("b", "Space")
    desk.holds(disc, "the disc")
    desk.press("s", "Space")
    desk.holds(ball, "the sphere")
    desk.press("}")
    wider = ndimage.distance_transform_edt(~ball, sampling=sight.spacing_zyx) <= MARGIN_MM + 1e-9
    desk.holds(wider, "the sphere grown by 4 mm")
    desk.press("{")
    narrower = ndimage.distance_transform_edt(wider, sampling=sight.spacing_zyx) > MARGIN_MM + 1e-9
    desk.holds(narrower, "the grown sphere shrunk by 4 mm")
    desk.press("s", "x", "Space")
    desk.holds(narrower & ~disc, "the lesion without its middle slice")
    desk.press("Shift+N")
    middle = np.zeros_like(ball)
    middle[sight.seed[0]] = narrower[sight.seed[0] + 1]
    desk.holds((narrower & ~disc) | middle, "the middle slice copied from the next one")
    desk.press("Control+z", "Control+z")
    desk.holds(narrower, "what was there two steps before")
    desk.clear()


def thresholds(desk: DrawingDesk) -> None:
    """SUV brush, isocontour by share of SUVmax and by PERCIST, region growing."""
    sight = desk.sight
    ball = sight.away_mm <= RADIUS_MM
    field = desk.option("t", "At least")
    cut_suv_bw = round(float(np.median(sight.suv_bw[ball])), 1)
    field.fill(str(cut_suv_bw))
    field.blur()
    desk.press("s", "Space")
    desk.holds(ball & (sight.suv_bw >= cut_suv_bw), "what the SUV brush leaves of the sphere")
    desk.press("Control+z", "s", "c", "Space")
    hottest = float(sight.suv_bw[ball].max())
    desk.holds(sight.joined(ball & (sight.suv_bw >= np.float64(0.41) * hottest)), "the isocontour at 41 %")
    desk.press("Control+z", "r", "Space")
    seed_suv_bw = float(sight.suv_bw[sight.seed])
    alike = np.abs(sight.suv_bw.astype(float) - seed_suv_bw) <= TOLERANCE * seed_suv_bw
    desk.holds(sight.joined(alike & (sight.away_mm <= BOUND_MM)), "the region about the seed")
    desk.clear()

    # No liver in a thigh: the sphere is laid in muscle, where its threshold cuts through the lesion.
    aside = next(dx for dx in range(6, 40) if 0.2 < percist_sul(sight, dx) / (seed_suv_bw * SUL_PER_SUV_BW) < 0.6)
    threshold_sul = percist_sul(sight, aside)
    desk.go_to(aside, 0, 0)
    desk.press("v", "Space")
    desk.says(f"the PERCIST threshold is SUL {threshold_sul:.2f} (SUVbw {threshold_sul / SUL_PER_SUV_BW:.2f})")
    desk.go_to(0, 0, 0)
    desk.press("c", "Space")
    reached = sight.joined(ball & (sight.suv_bw >= threshold_sul / SUL_PER_SUV_BW))
    desk.holds(reached, "the isocontour by PERCIST")
    desk.clear()


def percist_sul(sight: Sight, dx: int) -> float:
    """1.5 × SULmean + 2 SD in the sphere of 3 cm so many voxels beside the seed."""
    sul = sight.suv_bw[sight.ball_about(dx, 0, 0, radius_mm=LIVER_MM)].astype(float) * SUL_PER_SUV_BW
    return 1.5 * sul.mean() + 2 * sul.std(ddof=1)


def contours(desk: DrawingDesk) -> None:
    sight = desk.sight
    square = (sight.steps[0] == 0) & (np.abs(sight.steps[2]) <= 3) & (np.abs(sight.steps[1]) <= 2)
    corners = [(-3.5, -2.5), (3.5, -2.5), (3.5, 2.5), (-3.5, 2.5)]
    desk.press("d")
    desk.drag([sight.place(*corner) for corner in corners])
    desk.holds(square, "the voxels inside the freehand contour")
    # The curve keeps a fifth of a voxel away from every voxel centre, and a pixel of the screen is less.
    knots = [(-3.8, -2.9), (0.5, -3.2), (3.5, -3.0), (2.7, 1.9), (-3.8, 1.9)]
    desk.press("Control+z", "Shift+D")
    for knot in knots:
        desk.click(sight.place(*knot))
    desk.press("Enter")
    desk.holds(sight.inside_spline(knots), "the voxels inside the spline")
    desk.clear()


def islands_holes_and_slices(desk: DrawingDesk) -> None:
    sight = desk.sight
    ball = sight.away_mm <= RADIUS_MM
    small = sight.ball_about(0, 0, 0, radius_mm=SMALL_MM)
    desk.press("b", "s", "Space")
    desk.resize(SMALL_MM - RADIUS_MM)
    desk.go_to(9, 0, 0)
    desk.press("Space")
    island = sight.ball_about(9, 0, 0, radius_mm=SMALL_MM)
    assert sight.volume_ml(island) < ISLAND_ML < sight.volume_ml(ball)
    desk.holds(ball | island, "the sphere and an island")
    desk.press("Shift+I")
    desk.holds(ball, "the sphere without the island")
    desk.go_to(0, 0, 0)
    desk.press("x", "Space")
    desk.holds(ball & ~small, "the hollow sphere")
    desk.press("Shift+H")
    desk.holds(ndimage.binary_fill_holes(ball & ~small), "the filled sphere")
    desk.clear()
    desk.press("b", "s")
    desk.go_to(0, 0, 2)
    desk.press("Space")
    desk.resize(RADIUS_MM - SMALL_MM)
    desk.go_to(1, 0, -2)
    desk.press("Space", "y")
    above, below = sight.disc_about(0, 0, 2, SMALL_MM), sight.disc_about(1, 0, -2, RADIUS_MM)
    desk.holds(sight.interpolated(below, above), "two discs and the slices between them")
    desk.go_to(0, 0, 0)
    desk.clear()


def proposals(desk: DrawingDesk, proposed: np.ndarray) -> None:
    ball = desk.sight.away_mm <= RADIUS_MM
    assert (ball & proposed).any() and (ball & ~proposed).any()
    desk.press("s", "Space")
    for title, expected in (("Unite", ball | proposed), ("Common", ball & proposed), ("Subtract", ball & ~proposed)):
        desk.proposal_button(title).click()
        desk.holds(expected, f"{title} with the proposal")
        desk.press("Control+z")
    desk.proposal_button("Reject").click()
    desk.page.get_by_role("dialog").get_by_role("button", name="Reject").click()
    desk.page.get_by_text("Rejected by you").wait_for()
    assert ProposalRejection.objects.get(assignment=desk.assignment).rejected_by == desk.assignment.reader
    desk.holds(ball, "what was drawn, which a rejection leaves as it is")


def ruler(desk: DrawingDesk) -> None:
    desk.press("u", "Space")
    desk.go_to(7, 4, 3)
    desk.press("Space")
    spacing_mm = desk.sight.geometry.spacing_mm
    length_mm = float(np.linalg.norm([7 * spacing_mm[0], 4 * spacing_mm[1], 3 * spacing_mm[2]]))
    desk.says(f"{length_mm:.1f} mm")
