"""The viewer's tools in a browser beside what numpy expects of them: a case's PET, and the hand that draws on it."""

import gzip
import time

import numpy as np
from scipy import ndimage

from backend.annotations.models import Assignment, Mask
from backend.annotations.services.masks import read_labelmap
from backend.core.storage import read_bytes
from backend.imaging.models import Case
from tests.e2e.test_viewer import poll, voxel_counts
from worker.compute.geometry import index_to_lps
from worker.compute.types import Geometry

MOST_STEPS = 40
SPLINE_STEPS = 16


class Sight:
    """The PET as the browser has it, and the distances to the seed, where the tools are used."""

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
        self.away_mm = self._away_mm(0, 0, 0)

    def _away_mm(self, dx: float, dy: float, dz: float) -> np.ndarray:
        moved = self.steps - np.array([dz, dy, dx]).reshape(3, 1, 1, 1)
        return np.sqrt(((moved * np.array(self.spacing_zyx).reshape(3, 1, 1, 1)) ** 2).sum(axis=0))

    def place(self, dx: float = 0, dy: float = 0, dz: float = 0) -> list[float]:
        """LPS in mm, so many voxels from the seed."""
        z, y, x = self.seed
        return [float(v) for v in index_to_lps(self.geometry, np.array([x + dx, y + dy, z + dz]))]

    def ball_about(self, dx: int, dy: int, dz: int, *, radius_mm: float) -> np.ndarray:
        return self._away_mm(dx, dy, dz) <= radius_mm

    def disc_about(self, dx: int, dy: int, dz: int, radius_mm: float) -> np.ndarray:
        return self.ball_about(dx, dy, dz, radius_mm=radius_mm) & (self.steps[0] == dz)

    def joined(self, allowed: np.ndarray) -> np.ndarray:
        """The part of ``allowed`` that the seed lies in."""
        parts, _ = ndimage.label(allowed)
        return parts == parts[self.seed]

    def volume_ml(self, mask: np.ndarray) -> float:
        return np.count_nonzero(mask) * float(np.prod(self.geometry.spacing_mm)) / 1000

    def inside_spline(self, corners: list[tuple[float, float]]) -> np.ndarray:
        """Voxel centres of the seed's slice inside the closed uniform Catmull-Rom curve through the corners."""
        from matplotlib.path import Path

        knots = np.array(corners)
        before, after, further = (np.roll(knots, shift, axis=0) for shift in (1, -1, -2))
        curve = []
        for a, b, c, d in zip(before, knots, after, further, strict=True):
            for t in np.arange(SPLINE_STEPS) / SPLINE_STEPS:
                powers = np.array([1, t, t**2, t**3])
                curve.append(0.5 * powers @ np.array([2 * b, c - a, 2 * a - 5 * b + 4 * c - d, 3 * (b - c) + d - a]))
        centres = np.stack([self.steps[2].ravel(), self.steps[1].ravel()], axis=1)
        inside = Path(np.array(curve)).contains_points(centres).reshape(self.suv_bw.shape)
        return inside & (self.steps[0] == 0)

    def interpolated(self, low: np.ndarray, high: np.ndarray) -> np.ndarray:
        """Two drawn slices, and between them all where their signed distances, mixed by height, are negative."""
        drawn = low | high
        first, last = (int(slices[0]) for slices in (np.flatnonzero(one.any(axis=(1, 2))) for one in (low, high)))
        signed = {z: self._signed_mm(drawn[z]) for z in (first, last)}
        for z in range(first + 1, last):
            share = (z - first) / (last - first)
            drawn[z] = (1 - share) * signed[first] + share * signed[last] < 0
        return drawn

    def _signed_mm(self, shape: np.ndarray) -> np.ndarray:
        to_lesion, to_outside = (ndimage.distance_transform_edt(one, self.spacing_zyx[1:]) for one in (~shape, shape))
        return to_lesion - to_outside


class DrawingDesk:
    """The open viewer of a reader; after each step the server's newest mask is asked for."""

    def __init__(self, page, assignment: Assignment, sight: Sight) -> None:
        self.page, self.assignment, self.sight = page, assignment, sight
        self.go_to(0, 0, 0)

    def go_to(self, dx: int, dy: int, dz: int) -> None:
        self.page.evaluate("place => window.petraViewer.jumpTo(place)", self.sight.place(dx, dy, dz))

    def press(self, *keys: str) -> None:
        for name in keys:
            self.page.keyboard.press(name)

    def resize(self, by_mm: int) -> None:
        self.press(*["]" if by_mm > 0 else "["] * abs(by_mm))

    def option(self, tool_key: str, label: str):
        """A number of the tool's settings."""
        self.press(tool_key)
        return self.page.get_by_label(label)

    def proposal_button(self, title: str):
        return self.page.locator(".viewer-proposals").get_by_role("button", name=title)

    def click(self, place: list[float]) -> None:
        self.page.mouse.click(*self._point(place))

    def drag(self, places: list[list[float]]) -> None:
        points = [self._point(place) for place in places]
        self.page.mouse.move(*points[0])
        self.page.mouse.down()
        for point in points[1:]:
            self.page.mouse.move(*point)
        self.page.mouse.up()

    def _point(self, place: list[float]) -> list[float]:
        return self.page.evaluate("place => window.petraViewer.canvasPoint(place)", place)

    def clear(self) -> None:
        """Undoes everything, so that the next tool begins with nothing."""
        for _ in range(MOST_STEPS):
            if not voxel_counts(self.page):
                return
            self.press("Control+z")
        raise AssertionError("more steps than were taken are to be undone")

    def says(self, sentence: str) -> None:
        poll(lambda: sentence in self.page.locator(".viewer-message").inner_text(), f"the page says “{sentence}”")

    def holds(self, expected: np.ndarray, what: str) -> None:
        """Waits until the server's newest revision is this, voxel for voxel."""
        assert expected.any()
        # A saved change waits for the hand to rest; coming back online sends it at once.
        self.page.evaluate("() => { window.dispatchEvent(new Event('online')) }")
        end = time.monotonic() + 20
        while not np.array_equal(held := self._held(expected.shape), expected):
            if time.monotonic() > end:
                missing, added = np.count_nonzero(expected & ~held), np.count_nonzero(held & ~expected)
                raise AssertionError(f"{what}: {missing} voxels are missing and {added} too many")
            time.sleep(0.1)

    def _held(self, shape: tuple[int, ...]) -> np.ndarray:
        newest = Mask.objects.filter(assignment=self.assignment).order_by("-created_at").first()
        if newest is None:
            return np.zeros(shape, bool)
        return np.frombuffer(read_labelmap(newest), np.uint8).reshape(shape) == 1
