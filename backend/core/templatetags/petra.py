"""Template tags of every page: navigation, icons, the front end's files, states, paging that keeps the filters."""

import json
import re
from typing import Any

from django import forms, template
from django.core.paginator import Paginator
from django.forms import BoundField
from django.http import HttpRequest
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django_vite.core.asset_loader import DjangoViteAssetLoader
from django_vite.core.exceptions import DjangoViteAssetNotFoundError, DjangoViteManifestError

from backend.core.navigation import Link, address, links_of_request

register = template.Library()

NO_FRONT_END = "<!-- the front end is not built: run python tools/build_frontend.py -->"
SHORT_JSON = 60
_DIGEST = re.compile(r"\b[0-9a-f]{64}\b")
# Words of the domain whose state has one of the five looks (queued, running, succeeded, failed, stale).
_LOOKS = {
    "succeeded": {
        "done",
        "included",
        "complete",
        "completed",
        "submitted",
        "signed",
        "promoted",
        "ready",
        "ok",
        "active",
    },
    "failed": {"refused", "excluded", "error", "rejected"},
    "stale": {"stale", "warning", "overdue", "unsigned", "partial", "not_evaluable", "branch"},
    "running": {"open", "started", "in_progress", "importing", "current"},
    "cancelled": {"withdrawn", "retired", "inactive", "archived"},
}
_JOB_STATES = {"queued", "running", "succeeded", "failed", "cancelled", "stale"}


@register.simple_tag(takes_context=True)
def cohort_navigation(context: dict[str, Any]) -> list[Link]:
    """The side navigation of the current cohort."""
    request: HttpRequest | None = context.get("request")
    return links_of_request(request) if request else []


@register.simple_tag
def page_url(url_name: str, **kwargs: object) -> str:
    """Like ``{% url %}``, but empty where there is no such page."""
    return address(url_name, **kwargs)


@register.simple_tag
def front_end(entry: str) -> SafeString:
    """The script and style tags of a Vite entry such as ``src/app.ts``; a comment where the front end is not built."""
    try:
        # The tags are made from the manifest of our own build.
        return SafeString(DjangoViteAssetLoader.instance().generate_vite_asset(entry, "default"))
    except (DjangoViteManifestError, DjangoViteAssetNotFoundError):
        return SafeString(NO_FRONT_END)


@register.simple_tag
def icon(name: str, extra_class: str = "") -> SafeString:
    """One of the icons in frontend/src/theme/icons.json; decoration, so hidden from screen readers."""
    return format_html(
        '<svg class="icon {}" aria-hidden="true"><use href="{}#{}"/></svg>',
        extra_class,
        static("dist/icons.svg"),
        name,
    )


@register.filter
def state_class(state: str) -> str:
    """The look of a state: the same colour for the same meaning on every page."""
    state = str(state).lower()
    if state in _JOB_STATES:
        return f"state-{state}"
    return next((f"state-{look}" for look, words in _LOOKS.items() if state in words), "state-queued")


@register.simple_tag
def state_badge(state: str, title: str = "") -> SafeString:
    """A dot and a word in the state's colour."""
    return format_html('<span class="state {}">{}</span>', state_class(state), title or str(state).replace("_", " "))


@register.simple_tag(takes_context=True)
def with_query(context: dict[str, Any], **changes: object) -> str:
    """The current query string with some parameters changed (None removes): paging and sorting keep the filters."""
    query = context["request"].GET.copy()
    for name, value in changes.items():
        query.pop(name, None)
        if value not in (None, ""):
            query[name] = str(value)
    return f"?{query.urlencode()}"


@register.filter
def duration(seconds: float | None) -> str:
    """``7 s``, ``3 min 20 s``, ``2 h 5 min``; a dash where there is none."""
    if seconds is None:
        return "–"
    whole = max(int(round(float(seconds))), 0)
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    return f"{minutes} min {rest} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


@register.filter
def percent(fraction: float | None) -> str:
    """A fraction as a whole percentage without the sign."""
    return "0" if fraction is None else f"{100 * float(fraction):.0f}"


@register.filter
def short_hash(digest: str) -> str:
    """The first 12 characters of a hash, for people; the whole one belongs into a title attribute."""
    return str(digest)[:12]


@register.filter
def unlocalise(value: float | None) -> str:
    """A number for an attribute: a point as decimal sign whatever the language."""
    return "0" if value is None else repr(float(value))


@register.filter
def pages_around(paginator: Paginator, number: int) -> list[int]:
    """The page numbers to offer, 0 where some are left out."""
    return [
        page if isinstance(page, int) else 0
        for page in paginator.get_elided_page_range(number, on_each_side=2, on_ends=1)
    ]


@register.filter
def as_json(value: object) -> str:
    """A JSON value for people: a string without quotes, short values on one line, long ones indented."""
    if isinstance(value, str):
        return value
    line = json.dumps(value, ensure_ascii=False, default=str)
    return line if len(line) <= SHORT_JSON else json.dumps(value, indent=2, ensure_ascii=False, default=str)


@register.filter
def as_short_json(value: object) -> str:
    """The same for a line of a table: digests are cut, so that a row stays readable; the export has them whole."""
    return _DIGEST.sub(lambda found: f"{short_hash(found[0])}…", as_json(value))


@register.filter
def as_petra_control(field: BoundField) -> SafeString:
    """A form field with the look of the filters, marked where it was refused."""
    kind = "form-select" if isinstance(field.field.widget, forms.Select) else "form-control"
    look = {"class": f"{kind} is-invalid" if field.errors else kind, "placeholder": ""}
    return field.as_widget(attrs=look)
