"""A visit of one page in Chromium: what its console, policy, width and accessibility say, and a picture of it."""

import io
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from axe_playwright_python.base import AXE_SCRIPT
from PIL import Image
from playwright.sync_api import BrowserContext, Page, Response

from tests.e2e.conftest import HEIGHT, WIDTH, browser_context, sign_in

TALLEST = 2600
PATIENCE_S = 60
COLOURS = 128


@dataclass
class Visit:
    """A page that is open, and what went wrong on it so far."""

    page: Page
    errors: list[str] = field(default_factory=list)

    def open(self, address: str) -> Response:
        """Loads the address and waits until its instruments are drawn."""
        self.page.set_viewport_size({"width": WIDTH, "height": HEIGHT})
        answer = self.page.goto(address, wait_until="load")
        assert answer is not None, address
        if answer.status == 200:
            self.page.set_viewport_size({"width": WIDTH, "height": self._height()})
            self._wait_for_instruments()
        return answer

    def switch_to(self, theme: str) -> None:
        """Light or dark without loading the page again: it follows the system's scheme."""
        self.page.emulate_media(color_scheme=theme)
        self.page.evaluate(_COLOURS_HAVE_CHANGED)
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
            time.sleep(0.05)

    def check(self, *, colours_only: bool = False) -> list[str]:
        """Everything that is wrong with the page as it stands; ``colours_only`` where all else was asked already."""
        overhang = self.page.evaluate("() => document.documentElement.scrollWidth - innerWidth")
        if overhang > 0:
            self.errors.append(f"scrolls sideways by {overhang} pixels")
        if cut := self.page.evaluate(_CUT_FIGURES):
            self.errors.append(f"figures are wider than their place: {cut}")
        return [*self.errors, *self._inaccessible(["color-contrast"] if colours_only else [])]

    def _inaccessible(self, rules: list[str]) -> list[str]:
        """Axe's serious and critical findings."""
        if not self.page.evaluate("() => 'axe' in window"):
            self.page.evaluate(AXE_SCRIPT)
        return self.page.evaluate(_SERIOUS_FINDINGS, rules)

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

# Two frames until the styles are the theme's, and then until nothing fades from one colour to another any more. A page
# that draws no frame, or holds a transition, must not hold the suite.
_COLOURS_HAVE_CHANGED = """() => {
  const frame = () => new Promise(requestAnimationFrame);
  const fading = () => document.getAnimations().filter(one => one instanceof CSSTransition);
  const settled = async () => {
    await frame();
    await frame();
    for (let found = fading(); found.length; found = fading())
      await Promise.allSettled(found.map(({ finished }) => finished));
  };
  return Promise.race([settled(), new Promise(resolve => setTimeout(resolve, 3000))]);
}"""

_CUT_FIGURES = """() => [...document.querySelectorAll('figure')]
  .filter(figure => figure.scrollWidth > figure.clientWidth)
  .map(figure => figure.querySelector('figcaption')?.textContent.slice(0, 40) ?? 'a figure')"""

# Without preloading: no rule that is asked reads style sheets, and fetching them again takes longer than all rules.
_SERIOUS_FINDINGS = """async rules => {
  const asked = rules.length ? { runOnly: { type: 'rule', values: rules } } : {};
  const { violations } = await axe.run(document, { resultTypes: ['violations'], preload: false, ...asked });
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.slice(0, 3).map(({ target }) => target).join(', ')}`);
}"""


# Secrets that are drawn anew for each answer.
_DRAWN_ANEW = re.compile(r'(?<=")[A-Za-z0-9]{64}(?=")')


def content_of(html: str) -> str:
    """The page's own part: heading, actions and content, without what is drawn anew for each answer."""
    _, wrapper, content = html.partition('<div class="page-wrapper">')
    return _DRAWN_ANEW.sub("", content.partition("<footer")[0] if wrapper else html)


class Visitors:
    """One signed-in browser per person, kept for all pages."""

    def __init__(self, browser, base_url: str) -> None:
        self.browser, self.base_url = browser, base_url
        self._contexts: dict[str, BrowserContext] = {}
        self._seen: set[str] = set()

    @contextmanager
    def visit(self, account: str, theme: str) -> Iterator[Visit]:
        """A new tab whose console is watched; a breach of the security policy is an error in the console."""
        page = self._context(account).new_page()
        page.emulate_media(color_scheme=theme)
        found = Visit(page)
        page.on("pageerror", lambda error: found.errors.append(f"error: {error}"))
        page.on("console", lambda said: found.errors.append(f"console: {said.text}") if said.type == "error" else None)
        try:
            yield found
        finally:
            page.close()

    def note(self, answer: Response) -> None:
        """Remembers that this content was looked at."""
        self._seen.add(content_of(answer.text()))

    def has_seen(self, account: str, address: str) -> tuple[int, bool]:
        """The status of an address, and whether it says the same as a page that was looked at.

        What lies around the content (navigation, name) is the person's own: their first page is always to be seen.
        """
        is_new = account not in self._contexts
        answer = self._context(account).request.get(address)
        return answer.status, not is_new and content_of(answer.text()) in self._seen

    def is_page(self, answer: Response, address: str) -> bool:
        """Whether the answer is a whole page, and not a part, a file, or a way elsewhere."""
        is_html = answer.headers.get("content-type", "").startswith("text/html")
        return is_html and "<html" in answer.text()[:200] and answer.url == f"{self.base_url}{address}"

    def _context(self, account: str) -> BrowserContext:
        """The person's browser; nobody's for an empty account."""
        if account not in self._contexts:
            context = browser_context(self.browser, self.base_url)
            self._contexts[account] = context
            if account:
                page = context.new_page()
                sign_in(page, account)
                page.close()
        return self._contexts[account]

    def close(self) -> None:
        for context in self._contexts.values():
            context.close()
