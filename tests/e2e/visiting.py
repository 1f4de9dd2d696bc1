"""A visit of one page in Chromium: what its console, policy, width and accessibility say, and a picture of it."""

import io
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import BrowserContext, Error, Page

from tests.e2e.conftest import sign_in

WIDTH, HEIGHT, TALLEST = 1280, 800, 2600
PATIENCE_S = 60
COLOURS = 128
SERIOUS = {"serious", "critical"}


@dataclass
class Visit:
    """A page that is open, and what went wrong on it so far."""

    page: Page
    errors: list[str] = field(default_factory=list)

    def open(self, address: str) -> None:
        """Loads the address and waits until its instruments are drawn."""
        answer = self.page.goto(address)
        if answer is None or answer.status != 200:
            self.errors.append(f"answered {answer and answer.status}")
        self.page.set_viewport_size({"width": WIDTH, "height": self._height()})
        self._wait_for_instruments()

    def switch_to(self, theme: str) -> None:
        """Light or dark without loading the page again: it follows the system's scheme."""
        self.page.emulate_media(color_scheme=theme)
        self._wait_for_instruments()

    def _height(self) -> int:
        # Figures are drawn when they come near the screen, so the screen is made as tall as the page.
        return min(max(self.page.evaluate("() => document.documentElement.scrollHeight"), HEIGHT), TALLEST)

    def _wait_for_instruments(self) -> None:
        end = time.monotonic() + PATIENCE_S
        while waiting := self.page.evaluate(_STILL_WAITING):
            if time.monotonic() > end:
                self.errors.append(f"still waits for: {waiting}")
                return
            time.sleep(0.1)

    def check(self) -> list[str]:
        """Everything that is wrong with the page as it stands."""
        overhang = self.page.evaluate("() => document.documentElement.scrollWidth - innerWidth")
        if overhang > 0:
            self.errors.append(f"scrolls sideways by {overhang} pixels")
        if cut := self.page.evaluate(_CUT_FIGURES):
            self.errors.append(f"figures are wider than their place: {cut}")
        return [*self.errors, *self._inaccessible()]

    def _inaccessible(self) -> list[str]:
        found = Axe().run(self.page).response["violations"]
        return [
            f"{one['id']}: {one['help']}: {[node['target'] for node in one['nodes']][:3]}"
            for one in found
            if one["impact"] in SERIOUS
        ]

    def picture(self, path: Path) -> None:
        """A PNG of few colours: the pages have few, and the repository keeps every picture."""
        path.parent.mkdir(parents=True, exist_ok=True)
        image = Image.open(io.BytesIO(self.page.screenshot())).convert("RGB")
        image.quantize(COLOURS, dither=Image.Dither.NONE).save(path, optimize=True)


# The viewer is loaded, and every figure on the screen is drawn or says why not.
_STILL_WAITING = """() => {
  const viewer = document.getElementById('petra-viewer');
  if (viewer && window.petraViewer?.state !== 'loaded') return 'the viewer';
  const figures = [...document.querySelectorAll('figure[data-vega-spec-url], figure[data-vega-spec-id]')];
  const near = figures.filter(figure => {
    const place = figure.getBoundingClientRect();
    return place.height && place.top < innerHeight && place.bottom > 0;
  });
  const empty = near.find(figure => !figure.querySelector('canvas, svg, [role=alert]'));
  return empty ? 'a figure' : '';
}"""

_CUT_FIGURES = """() => [...document.querySelectorAll('figure')]
  .filter(figure => figure.scrollWidth > figure.clientWidth)
  .map(figure => figure.querySelector('figcaption')?.textContent.slice(0, 40) ?? 'a figure')"""


@contextmanager
def visit(context: BrowserContext) -> Iterator[Visit]:
    """A new tab whose console is watched; a breach of the security policy is an error in the console."""
    page = context.new_page()
    found = Visit(page)
    page.on("pageerror", lambda error: found.errors.append(f"error: {error}"))
    page.on("console", lambda said: found.errors.append(f"console: {said.text}") if said.type == "error" else None)
    try:
        yield found
    finally:
        page.close()


class Visitors:
    """One signed-in browser per person and theme, kept for all pages."""

    def __init__(self, browser, base_url: str) -> None:
        self.browser, self.base_url = browser, base_url
        self._contexts: dict[tuple[str, str], BrowserContext] = {}

    def context(self, account: str, theme: str) -> BrowserContext:
        """The person's browser; nobody's for an empty account."""
        key = (account, theme)
        if key not in self._contexts:
            self._contexts[key] = self._signed_in(account, theme)
        return self._contexts[key]

    def _signed_in(self, account: str, theme: str) -> BrowserContext:
        size = {"width": WIDTH, "height": HEIGHT}
        context = self.browser.new_context(base_url=self.base_url, viewport=size, color_scheme=theme)
        if account:
            page = context.new_page()
            sign_in(page, account)
            page.close()
        return context

    def is_page(self, account: str, address: str) -> bool:
        """Whether GET answers with a whole page, and not with a part, a file, a way elsewhere or a form's refusal."""
        try:
            answer = self.context(account, "light").request.get(address, timeout=30_000)
        except Error as error:
            pytest.fail(f"{address} did not answer: {error.message}")
        if answer.status == 405:
            return False
        assert answer.status == 200, f"{address} answered {answer.status} to {account or 'nobody'}"
        is_html = answer.headers.get("content-type", "").startswith("text/html")
        return is_html and "<html" in answer.text()[:200] and answer.url == f"{self.base_url}{address}"

    def close(self) -> None:
        for context in self._contexts.values():
            context.close()
