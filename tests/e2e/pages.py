"""Which page each address is, who works on it, and the objects of the line that it is opened with."""

import inspect
from collections.abc import Callable
from typing import Any

from django.urls import reverse

from backend.cohorts.models import Role
from backend.core.access import Audience
from tests.contracts.routes import Route, own_routes
from tests.e2e.line import FRESH_SLUG, READING_SLUG, Line

# The person of the demo's accounts who works with the pages of an app; others are asked where the role is missing.
OWNERS = {
    "annotations": Role.READER,
    "cases": Role.ADJUDICATOR,
    "pathology": Role.PATHOLOGIST,
    "results": Role.ANALYST,
}
OWNER_OF_PAGE = {
    "pathology:label_rules": Role.ANALYST,
    "annotations:assignments": Role.COORDINATOR,
    "annotations:give": Role.COORDINATOR,
    "annotations:team": Role.COORDINATOR,
    "annotations:comments": Role.COORDINATOR,
    "annotations:unlock": Role.COORDINATOR,
    "annotations:case_view": Role.ADJUDICATOR,
    "annotations:regions": Role.COORDINATOR,
}
ACCOUNTS = {role: "reader1" if role == Role.READER else str(role) for role in Role.values}
ADMINISTRATOR, NOBODY = "admin", ""
# Streams, voxels, files, JSON and ways elsewhere: no pages, and a stream never ends.
NO_PAGES = {
    "annotations:case_manifest", "annotations:comment_people", "annotations:compare", "annotations:labelmap",
    "annotations:manifest", "annotations:save", "annotations:team_events", "annotations:team_now",
    "cohorts:clinical_template", "cohorts:home",
    "health", "jobs:events", "jobs:states", "pathology:dzi", "pathology:image", "pathology:outlines",
    "pathology:quantify_state", "pathology:tile", "pathology:thumbnail", "results:figure_export",
    "results:figure_spec", "voxels:preview", "voxels:slab",
}  # fmt: skip


def page_routes() -> list[Route]:
    """Every named address below which a page may lie: no API, no form's target, no file and no part of a page.

    A view that takes no GET says so itself, and a file's or a part's name is in NO_PAGES; what is left is a page, and
    the test of the pages fails where one is not.
    """
    known = [route for route in own_routes() if not route.address.startswith("api/")]
    return [route for route in known if route.name not in NO_PAGES and takes_get(route)]


def takes_get(route: Route) -> bool:
    """Whether the view lets a GET through: Django's ``require_POST`` answers before anything else is looked at."""
    view = inspect.unwrap(route.view, stop=_is_guard)
    return not _is_guard(view) or "GET" in _methods(view)


def _is_guard(view: Any) -> bool:
    return _methods(view) is not None


def _methods(view: Any) -> Any:
    """The methods that ``require_http_methods`` closed over; None where the view has none of it."""
    names, cells = getattr(view, "__code__", None), getattr(view, "__closure__", None)
    if names is None or not cells or "request_method_list" not in names.co_freevars:
        return None
    return cells[names.co_freevars.index("request_method_list")].cell_contents


def account_of(route: Route) -> str:
    """Who opens it: the person whose work it is, or the first role that may."""
    rule = route.rule()
    if rule.audience is Audience.PUBLIC:
        return NOBODY
    if rule.audience is Audience.ADMINISTRATOR or route.name.startswith("accounts:user"):
        return ADMINISTRATOR
    owner = OWNER_OF_PAGE.get(route.name) or OWNERS.get(route.name.split(":")[0], Role.COORDINATOR)
    if rule.roles and owner not in rule.roles:
        owner = next(role for role in Role.values if role in rule.roles)
    return ACCOUNTS[owner]


def accounts_of(route: Route) -> set[str]:
    """Everybody of the demo's accounts whom the address lets in, one per role."""
    rule = route.rule()
    if rule.audience is Audience.SIGNED_IN:
        return {*ACCOUNTS.values(), ADMINISTRATOR}
    if rule.audience is not Audience.COHORT:
        return {account_of(route)}
    return {ACCOUNTS[role] for role in rule.roles or Role.values}


def address_of(route: Route, line: Line) -> str:
    """With the followed patient's own objects."""
    values = {keyword: VALUES[keyword](line) for keyword in route.keywords}
    if "assignment_id" in values:
        values["slug"] = READING_SLUG
    return reverse(route.name, kwargs=values)


def fresh_address_of(route: Route) -> str | None:
    """The same page of a cohort in which nothing has happened yet; None where it needs an object."""
    return reverse(route.name, kwargs={"slug": FRESH_SLUG}) if route.keywords == ("slug",) else None


def _assignment(line: Line) -> Any:
    """A tumour reading that the first reader has still to draw."""
    from backend.annotations.models import Assignment

    return Assignment.objects.get(case__patient__cohort__slug=READING_SLUG).pk


def _job(line: Line) -> Any:
    from backend.jobs.models import Job, JobKind

    return Job.objects.filter(cohort_uuid=line.cohort.pk, kind=JobKind.EXTRACT_FEATURES).first().pk


def _membership(line: Line) -> Any:
    return line.cohort.memberships.get(role=Role.ANALYST).pk


def _user(line: Line) -> int:
    from backend.accounts.models import User

    return User.objects.get(username="analyst").pk


def _feature_set(line: Line) -> Any:
    return line.case.feature_sets.filter(roi="consensus", source="tumour_pet").first()


def _figure(line: Line) -> Any:
    from backend.experiments.models import Figure

    return Figure.objects.filter(experiment__cohort=line.cohort).first().pk


def _clinical_table(line: Line) -> Any:
    """A table that waits for its mapping; a new one each time, because its file goes with the test that sent it."""
    from backend.cohorts.clinical_tables import receive_table
    from tests.factories.clinical_tables import table

    waiting = receive_table(cohort=line.cohort, chunks=[table()], actor=None)
    line.wait()
    return waiting.pk


def _photograph(line: Line) -> Any:
    from backend.pathology.models import SlidePhotograph

    return SlidePhotograph.objects.filter(specimen__patient__cohort=line.cohort).first().pk


VALUES: dict[str, Callable[[Line], Any]] = {
    "slug": lambda line: line.cohort.slug,
    "pseudonym": lambda line: line.pseudonym,
    "case_id": lambda line: line.case.pk,
    "volume_id": lambda line: line.case.pet_id,
    "slab_number": lambda line: 0,
    "study_id": lambda line: line.case.study_id,
    "series_id": lambda line: line.case.pet.series_id,
    "upload_id": lambda line: line.cohort.uploads.first().pk,
    "assignment_id": _assignment,
    "comment_id": lambda line: line.case.pk,
    "mask_id": lambda line: line.case.masks.filter(source="bat_rule").first().pk,
    "candidate_id": lambda line: line.case.pk,
    "job_id": _job,
    "membership_id": _membership,
    "user_id": _user,
    "number": lambda line: line.cohort.dataset_versions.first().number,
    "experiment_id": lambda line: line.cohort.experiments.first().pk,
    "figure_id": _figure,
    "form": lambda line: "svg",
    "feature_set_id": lambda line: _feature_set(line).pk,
    "recipe_id": lambda line: _feature_set(line).recipe_id,
    "photograph_id": _photograph,
    "proposal_id": lambda line: line.case.pk,
    "count_id": lambda line: line.case.pk,
    "level": lambda line: 0,
    "column": lambda line: 0,
    "row": lambda line: 0,
    "table_id": _clinical_table,
}
