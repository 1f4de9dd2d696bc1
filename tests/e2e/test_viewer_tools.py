"""The drawing tools on a real PET/CT (STS_001): what the server holds is what numpy and scipy work out."""

import gzip

import numpy as np
import pytest
from django.core.management import call_command
from scipy import ndimage

from backend.annotations.models import Mask
from backend.annotations.services.masks import read_labelmap
from backend.cohorts.models import Role
from backend.core.storage import read_bytes
from backend.imaging.models import Case
from tests.e2e.conftest import sign_in
from tests.e2e.test_viewer import address, open_viewer, poll
from tests.factories.people import make_cohort, make_member
from tests.factories.voxel_cases import make_assignment
from tests.reference_data import reference_path
from worker.compute.geometry import index_to_lps
from worker.compute.types import Geometry

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.django_db(transaction=True)]
RADIUS_MM, MARGIN_MM, BOUND_MM, TOLERANCE = 10, 4, 40, 0.4


@pytest.fixture
def assignment(celery_worker_process):
    cohort = make_cohort("sarcoma")
    call_command("import_dicom", "--cohort", cohort.slug, str(reference_path("petct", "STS_001")))
    case = poll(lambda: Case.objects.filter(patient__cohort=cohort).first(), "the case is built")
    return make_assignment(case, make_member(cohort, Role.READER, username="rita"))


class Sight:
    """The PET as the browser has it, and the distances to the place where the tools are used."""

    def __init__(self, case: Case) -> None:
        self.geometry = Geometry.from_json(case.pet.geometry)
        raw = b"".join(gzip.decompress(read_bytes(key)) for key in case.pet.slab_keys)
        stored = np.frombuffer(raw, "<u2").reshape(self.geometry.shape_zyx)
        self.suv_bw = (stored * case.pet.stored_slope).astype(np.float32)
        inner = np.zeros(stored.shape, bool)
        inner[8:-8, 30:-30, 30:-30] = True
        self.seed = np.unravel_index(np.argmax(np.where(inner, self.suv_bw, 0)), stored.shape)
        self.steps = np.indices(stored.shape) - np.array(self.seed).reshape(3, 1, 1, 1)
        self.spacing_zyx = self.geometry.spacing_mm[::-1]
        spacing = np.array(self.spacing_zyx).reshape(3, 1, 1, 1)
        self.away_mm = np.sqrt(((self.steps * spacing) ** 2).sum(axis=0))

    def place(self, dx: float = 0, dy: float = 0) -> list[float]:
        z, y, x = self.seed
        return [float(v) for v in index_to_lps(self.geometry, np.array([x + dx, y + dy, z]))]

    def joined(self, allowed: np.ndarray) -> np.ndarray:
        parts, _ = ndimage.label(allowed)
        return parts == parts[self.seed]


def test_what_each_tool_draws_is_what_the_server_holds(browser_page, assignment):
    page, sight = browser_page, Sight(assignment.case)
    sign_in(page, "rita")
    open_viewer(page, address(assignment))
    page.evaluate("place => window.petraViewer.jumpTo(place)", sight.place())

    def holds(expected: np.ndarray, what: str) -> None:
        def arrived() -> bool:
            newest = Mask.objects.filter(assignment=assignment).order_by("-created_at").first()
            if newest is None:
                return False
            drawn = np.frombuffer(read_labelmap(newest), np.uint8).reshape(expected.shape) == 1
            return np.array_equal(drawn, expected)

        assert expected.any()
        poll(arrived, f"the server holds {what} ({np.count_nonzero(expected)} voxels)")

    def press(*keys: str) -> None:
        for name in keys:
            page.keyboard.press(name)

    ball, disc = sight.away_mm <= RADIUS_MM, (sight.away_mm <= RADIUS_MM) & (sight.steps[0] == 0)
    press("b", "Space")
    holds(disc, "the disc")
    press("s", "Space")
    holds(ball, "the sphere")
    press("}")
    wider = ndimage.distance_transform_edt(~ball, sampling=sight.spacing_zyx) <= MARGIN_MM + 1e-9
    holds(wider, "the sphere grown by 4 mm")
    press("{")
    narrower = ndimage.distance_transform_edt(wider, sampling=sight.spacing_zyx) > MARGIN_MM + 1e-9
    holds(narrower, "the grown sphere shrunk by 4 mm")
    press("s", "x", "Space")
    holds(narrower & ~disc, "the lesion without its middle slice")
    press("Shift+N")
    middle = np.zeros_like(ball)
    middle[sight.seed[0]] = narrower[sight.seed[0] + 1]
    holds((narrower & ~disc) | middle, "the middle slice copied from the next one")
    press("Control+z")
    press("y")
    poll(lambda: page.locator(".viewer-message").inner_text() != "", "the page says what it filled")
    press("Control+z", "Control+z", "Control+z", "Control+z", "Control+z", "Control+z")
    press("c", "Space")
    hottest = float(sight.suv_bw[ball].max())
    holds(sight.joined(ball & (sight.suv_bw >= np.float64(0.41) * hottest)), "the isocontour at 41 %")
    press("Control+z", "r", "Space")
    seed_suv_bw = float(sight.suv_bw[sight.seed])
    alike = np.abs(sight.suv_bw.astype(float) - seed_suv_bw) <= TOLERANCE * seed_suv_bw
    holds(sight.joined(alike & (sight.away_mm <= BOUND_MM)), "the region about the seed")
    press("Control+z", "d")
    corners = [sight.place(dx, dy) for dx, dy in ((-3.5, -2.5), (3.5, -2.5), (3.5, 2.5), (-3.5, 2.5))]
    points = [page.evaluate("place => window.petraViewer.canvasPoint(place)", corner) for corner in corners]
    page.mouse.move(*points[0])
    page.mouse.down()
    for point in points[1:]:
        page.mouse.move(*point)
    page.mouse.up()
    square = (sight.steps[0] == 0) & (np.abs(sight.steps[2]) <= 3) & (np.abs(sight.steps[1]) <= 2)
    holds(square, "the voxels inside the freehand contour")
