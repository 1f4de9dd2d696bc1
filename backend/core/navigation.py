"""The way through a cohort, in the order of the work; what a person may not open is not shown."""

from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import NoReverseMatch, resolve, reverse

from backend.core.access import AccessRule
from backend.core.one_centre import is_for_one_centre


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One line of the side navigation; ``url_name`` takes the cohort's slug."""

    title: str
    icon: str
    url_name: str
    group: str


@dataclass(frozen=True, kw_only=True)
class Link:
    """An entry that this person may open, with its address and whether the page lies below it."""

    title: str
    icon: str
    group: str
    url: str
    is_current: bool


ENTRIES = (
    Entry(group="Study", title="Board", icon="layout-board", url_name="dashboards:board"),
    Entry(group="Study", title="Flow", icon="filter", url_name="dashboards:flow"),
    Entry(group="Study", title="Import", icon="cloud-upload", url_name="imaging:upload_list"),
    Entry(group="Study", title="Series", icon="stack-2", url_name="imaging:series_list"),
    Entry(group="Study", title="Protocol", icon="clipboard-list", url_name="cohorts:protocol"),
    Entry(group="Reading", title="Reading", icon="scan", url_name="annotations:worklist"),
    Entry(group="Reading", title="Cases", icon="stack-2", url_name="cases:list"),
    Entry(group="Reading", title="Pathology", icon="microscope", url_name="pathology:worklist"),
    Entry(group="Results", title="Pipeline", icon="git-branch", url_name="results:pipeline"),
    Entry(group="Results", title="Summary", icon="report-medical", url_name="results:summary"),
    Entry(group="Results", title="Agreement", icon="scale", url_name="results:agreement"),
    Entry(group="Results", title="TP53 label", icon="dna", url_name="pathology:label_rules"),
    Entry(group="Results", title="Datasets", icon="database", url_name="results:datasets"),
    Entry(group="Results", title="Features", icon="table", url_name="results:features"),
    Entry(group="Results", title="Models", icon="brain", url_name="results:models"),
    Entry(group="Results", title="Clusters", icon="chart-dots", url_name="results:clusters"),
    Entry(group="Results", title="Statistics", icon="chart-histogram", url_name="results:statistics"),
    Entry(group="Running", title="Jobs", icon="activity", url_name="jobs:list"),
    Entry(group="Running", title="Members", icon="user-check", url_name="cohorts:members"),
    Entry(group="Running", title="Audit", icon="shield-check", url_name="cohort_audit:list"),
)


def address(url_name: str, **kwargs: object) -> str:
    """The address of a named page; empty where no such page exists."""
    try:
        return reverse(url_name, kwargs=kwargs)
    except NoReverseMatch:
        return ""


def access_rule_of(url: str) -> AccessRule | None:
    """The rule that the view behind an address declares."""
    view = resolve(url).func
    return getattr(view, "access_rule", None) or getattr(getattr(view, "view_class", None), "access_rule", None)


def may_open(url: str, roles: frozenset[str]) -> bool:
    """Whether a member with these roles may open a page of the cohort."""
    rule = access_rule_of(url)
    return rule is not None and (not rule.roles or bool(rule.roles & roles))


def cohort_links(slug: str, roles: frozenset[str], path: str = "", *, of_one_centre: bool = False) -> list[Link]:
    """The entries that a member with these roles may open; the one that ``path`` lies below is current."""
    entries = [entry for entry in ENTRIES if not of_one_centre or is_for_one_centre(entry.url_name)]
    found = [(entry, address(entry.url_name, slug=slug)) for entry in entries]
    open_to_me = [(entry, url) for entry, url in found if url and may_open(url, roles)]
    above = [url for _, url in open_to_me if path.startswith(url)]
    current = max(above, key=len, default="")
    return [
        Link(title=entry.title, icon=entry.icon, group=entry.group, url=url, is_current=url == current)
        for entry, url in open_to_me
    ]


def links_of_request(request: HttpRequest) -> list[Link]:
    """The side navigation of a page; empty outside a cohort."""
    cohort = getattr(request, "cohort", None)
    if cohort is None:
        return []
    limited = bool(getattr(request, "centre_limit", None))
    return cohort_links(cohort.slug, request.roles, request.path, of_one_centre=limited)
