"""Every page as the person who works with it, in light and dark: no error, no sideways scroll, accessible, pictured.

``PETRA_SCREENSHOTS=1`` keeps the pictures in docs/screenshots/.
"""

import os
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.e2e.pages import NOBODY, account_of, address_of, fresh_address_of, page_routes
from tests.e2e.visiting import Visitors, visit

pytestmark = pytest.mark.e2e

THEMES = ("light", "dark")
ROUTES = page_routes()
# Sign-in and passwords are allauth's addresses with PETRA's templates.
ACCOUNT_PAGES = {"account_login": NOBODY, "account_change_password": "analyst", "account_logout": "analyst"}


@pytest.fixture(scope="module", autouse=True)
def _whole_line(line, django_db_blocker):
    """Every page shows what it shows at the end of the line."""
    with django_db_blocker.unblock():
        line.reach("open reading")
        yield


@pytest.fixture(scope="module")
def visitors(_chromium, live_server_url):
    people = Visitors(_chromium, live_server_url)
    yield people
    people.close()


@pytest.fixture(scope="module")
def pictures(tmp_path_factory) -> Path:
    kept = os.environ.get("PETRA_SCREENSHOTS") == "1"
    return ROOT / "docs" / "screenshots" if kept else tmp_path_factory.mktemp("screenshots")


def look(
    visitors: Visitors, account: str, address: str, picture: str, folder: Path, themes: tuple[str, ...] = THEMES
) -> dict[str, list[str]]:
    """What is wrong with a page in each theme: loaded once, and then switched as the person's system would."""
    wrong = {}
    with visit(visitors.context(account, themes[0])) as seen:
        seen.open(address)
        for theme in themes:
            seen.switch_to(theme)
            seen.picture(folder / f"{picture}-{theme}.png")
            wrong[theme] = seen.check()
    return {theme: found for theme, found in wrong.items() if found}


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.name)
def test_a_page_with_everything_on_it(route, line, visitors, pictures):
    account, address = account_of(route), address_of(route, line)
    if not visitors.is_page(account, address):
        pytest.skip("no page: a form's target, a file, or a part of a page")
    assert look(visitors, account, address, route.name.replace(":", "-"), pictures) == {}


@pytest.mark.parametrize("route", [route for route in ROUTES if fresh_address_of(route)], ids=lambda route: route.name)
def test_a_page_of_a_cohort_in_which_nothing_has_happened(route, line, visitors, pictures):
    account, address = account_of(route), fresh_address_of(route)
    if not visitors.is_page(account, address):
        pytest.skip("no page: a form's target, a file, or a part of a page")
    assert look(visitors, account, address, f"empty-{route.name.replace(':', '-')}", pictures, THEMES[:1]) == {}


@pytest.mark.parametrize("name", ACCOUNT_PAGES)
def test_a_page_of_ones_own_account(name, line, visitors, pictures):
    from django.urls import reverse

    assert look(visitors, ACCOUNT_PAGES[name], reverse(name), name.replace("_", "-"), pictures) == {}


def test_the_viewer_on_a_drawn_lesion(line, visitors, pictures):
    """The picture of the README: the reader has gone to the lesion."""
    route = next(route for route in ROUTES if route.name == "annotations:view")
    with visit(visitors.context(account_of(route), "dark")) as seen:
        seen.open(address_of(route, line))
        seen.page.get_by_role("button", name="Go to").first.click()
        seen.page.wait_for_timeout(500)
        seen.picture(pictures / "viewer.png")
        assert seen.page.evaluate("() => Object.keys(window.petraViewer.voxelCounts()).length") >= 1
        assert seen.check() == []
