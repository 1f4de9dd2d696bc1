"""Scrolling and a stroke with its autosave, in the loaded viewer."""

import time

from tests.benchmarks.viewer import visits
from tests.benchmarks.viewer.conftest import SLICES
from tests.benchmarks.viewer.rows import Row

PANE_SIZE = """() => {
  const { clientWidth: width, clientHeight: height } = document.getElementById('pane-fusion-axial');
  return { width, height };
}"""
# From the top to the bottom by the wheel, each slice drawn before the next is asked for.
SCROLL = """async slices => {
  const pane = document.getElementById('pane-fusion-axial');
  const { left, top, width, height } = pane.getBoundingClientRect();
  const step = deltaY => pane.dispatchEvent(new WheelEvent('wheel', {
    deltaY, bubbles: true, cancelable: true, clientX: left + width / 2, clientY: top + height / 2 }));
  const drawn = act => new Promise(resolve => {
    pane.addEventListener('CORNERSTONE_IMAGE_RENDERED', () => requestAnimationFrame(resolve), { once: true });
    act();
  });
  await drawn(() => { for (let i = 0; i < Math.floor(slices / 2) - 1; i++) step(-1); });
  const started_ms = performance.now();
  for (let i = 1; i < slices - 1; i++) await drawn(() => step(1));
  return performance.now() - started_ms;
}"""
# Frames and time between a movement of the pressed brush and the picture that shows it.
STROKE_STEP = """async ([x, y]) => {
  const pane = document.getElementById('pane-fusion-axial');
  const event = (type, dx, buttons) => pane.dispatchEvent(new PointerEvent(type, {
    pointerId: 1, isPrimary: true, bubbles: true, cancelable: true, button: type === 'pointermove' ? -1 : 0,
    buttons, clientX: x + dx, clientY: y }));
  pane.setPointerCapture = () => undefined;
  const idle = () => new Promise(resolve => requestAnimationFrame(() => requestAnimationFrame(resolve)));
  event('pointerdown', 0, 1);
  await idle();
  await idle();
  const steps = [];
  for (let dx = 3; dx <= 30; dx += 3) {
    let frames = 0, running = true;
    const count = () => { if (running) { frames++; requestAnimationFrame(count); } };
    const started_ms = performance.now();
    const drawn = new Promise(resolve => pane.addEventListener(
      'CORNERSTONE_IMAGE_RENDERED', () => { running = false; resolve(); }, { once: true }));
    event('pointermove', dx, 1);
    requestAnimationFrame(count);
    await drawn;
    steps.push({ frames, ms: performance.now() - started_ms });
    await idle();
  }
  return steps;
}"""
LET_GO = """([x, y]) => document.getElementById('pane-fusion-axial').dispatchEvent(new PointerEvent('pointerup', {
  pointerId: 1, isPrimary: true, bubbles: true, cancelable: true, button: 0, buttons: 0,
  clientX: x + 30, clientY: y }))"""


def measure_scrolling(browser, bench, slices: int = SLICES):
    """The wheel through all slices of the fused axial pane, against the same volumes in a bare Cornerstone page."""
    with visits.visited(browser, bench, bench.view, None) as page:
        visits.viewer_times(page)
        size = page.evaluate(PANE_SIZE)
        viewer_ms = page.evaluate(SCROLL, slices)
    with visits.visited(
        browser, bench, visits.peer_address(bench, "bare", manifest=bench.manifest, **size), None
    ) as page:
        visits.measured(page)
        bare_ms = page.evaluate("slices => window.measured.scroll(slices)", slices)
    return Row("loopback", f"scrolling {slices - 2} slices", viewer_ms, "bare Cornerstone page", bare_ms, 1.2)


def measure_stroke(browser, bench) -> list[str]:
    """How many frames a stroke's picture takes, and the main thread's time from letting go to 'saved'."""
    with visits.visited(browser, bench, bench.view, None) as page:
        visits.viewer_times(page)
        session = page.context.new_cdp_session(page)
        session.send("Performance.enable")
        page.locator('[data-tool="brush"]').click()
        box = page.locator("#pane-fusion-axial").bounding_box()
        place = [box["x"] + box["width"] / 2, box["y"] + box["height"] / 2]
        steps = page.evaluate(STROKE_STEP, place)
        time.sleep(0.5)
        let_go = _task_ms(session)
        page.evaluate(LET_GO, place)
        time.sleep(0.5)
        settled = _task_ms(session)
        visits.wait_for(page, "() => document.getElementById('viewer-saving')?.dataset.state === 'saved'")
        saved = _task_ms(session)
    frames = sorted(step["frames"] for step in steps)
    times = sorted(step["ms"] for step in steps)
    middle = len(steps) // 2
    return [
        f"stroke on screen: {frames[middle]} frame(s) after the movement (median; worst {frames[-1]}), "
        f"{times[middle]:.0f} ms",
        f"autosave: {saved - let_go:.0f} ms of main-thread time from letting go until it is saved (aim < 150), "
        f"{saved - settled:.0f} ms of it after the last picture",
    ]


def _task_ms(session) -> float:
    metrics = session.send("Performance.getMetrics")["metrics"]
    return 1000 * next(one["value"] for one in metrics if one["name"] == "TaskDuration")
