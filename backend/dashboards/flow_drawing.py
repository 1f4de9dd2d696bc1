"""The flow of patients as one SVG in ink on white, the same on the page and in the file; each line is a link."""

from textwrap import wrap

from django.utils.html import escape

from backend.dashboards.flow import Flow, FlowBox

BOX_WIDTH, GAP, PAD, LINE = 340, 36, 10, 18
CHARACTERS = 46
SIDE_X = BOX_WIDTH + 2 * GAP
WIDTH = SIDE_X + BOX_WIDTH + 2
INK = "#182433"


def draw_flow(flow: Flow, *, base_url: str = "") -> str:
    """The SVG. ``base_url`` makes the links whole in a file that is opened elsewhere."""
    parts, y, middle = [], 1, 1 + BOX_WIDTH // 2
    for place, step in enumerate(flow.steps):
        box, height = _box(step, 1, y, base_url)
        parts.append(box)
        below, y = y + height, y + height + GAP
        if place == len(flow.steps) - 1:
            break
        side_y = below + GAP // 2
        for left in flow.leaving[place]:
            side, side_height = _box(left, SIDE_X, side_y, base_url)
            parts += [side, _arrow(middle, side_y + side_height // 2, SIDE_X, side_y + side_height // 2)]
            side_y += side_height + PAD
        y = max(y, side_y + GAP // 2)
        parts.append(_arrow(middle, below, middle, y))
    size = f'viewBox="0 0 {WIDTH} {y}" width="{WIDTH}" height="{y}"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="Arial, Helvetica, sans-serif" font-size="13" '
        f'role="group" aria-label="Flow of patients"><rect width="{WIDTH}" height="{y}" fill="#ffffff"/>'
        f"{''.join(parts)}</svg>"
    )


def _box(box: FlowBox, x: int, y: int, base_url: str) -> tuple[str, int]:
    """The box as SVG and its height."""
    drawn, top = [], y + PAD
    rows = [(box.title, box.n, box.url, True), *((*line, False) for line in box.lines)]
    for text, n, url, is_title in rows:
        indent = x + PAD + (0 if is_title else 12)
        lines = wrap(f"{text} (n\u00a0=\u00a0{n})", CHARACTERS)
        spans = "".join(
            f'<tspan x="{indent}" y="{top + 13 + LINE * number}">{escape(line)}</tspan>'
            for number, line in enumerate(lines)
        )
        weight = ' font-weight="bold"' if is_title else ""
        drawn.append(f'<a href="{escape(base_url + url)}"><text fill="{INK}"{weight}>{spans}</text></a>')
        top += LINE * len(lines) + 2
    height = top - y + PAD - 2
    frame = f'<rect x="{x}" y="{y}" width="{BOX_WIDTH}" height="{height}" fill="#f6f8fb" stroke="{INK}"/>'
    return frame + "".join(drawn), height


def _arrow(x1: int, y1: int, x2: int, y2: int) -> str:
    """A line with a head where it ends; right or down."""
    corners = [(x2 - 7, y2 - 4), (x2 - 7, y2 + 4)] if y1 == y2 else [(x2 - 4, y2 - 7), (x2 + 4, y2 - 7)]
    head = " ".join(f"{x},{y}" for x, y in [(x2, y2), *corners])
    line = f'<line x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}" stroke="{INK}"/>'
    return f'{line}<polygon points="{head}" fill="{INK}"/>'
