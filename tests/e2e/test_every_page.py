"""Every page as everybody who may open it: no error, no sideways scroll, accessible in light and dark.

The person who works on a page sees it in both themes. The others see it in one, where it says anything else to them.
``PETRA_SCREENSHOTS=1`` keeps the pictures in docs/screenshots/.
"""

import os

import pytest

from tests.conftest import ROOT
from tests.e2e.pages import NOBODY, account_of, accounts_of, address_of, fresh_address_of, page_routes
from tests.e2e.visiting import Visitors

pytestmark = pytest.mark.e2e

LIGHT, DARK = "light", "dark"
PICTURES = ROOT / "docs" / "screenshots" if os.environ.get("PETRA_SCREENSHOTS") == "1" else None
ROUTES = page_routes()
# Sign-in and passwords are allauth's addresses with PETRA's templates.
ACCOUNT_PAGES = {"account_login": NOBODY, "account_change_password": "analyst", "account_logout": "analyst"}
OTHERS = sorted(
    ((route, account) for route in ROUTES for account in accounts_of(route) - {account_of(route)}),
    key=lambda pair: pair[1],
)


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


def look(visitors: Visitors, account: str, address: str, picture: str, themes: tuple[str, ...] = (LIGHT, DARK)) -> dict:
    """What is wrong with a page in each theme: loaded once, and then switched as the person's system would."""
    wrong = {}
    with visitors.visit(account, themes[0]) as seen:
        answer = seen.open(address)
        if answer.status == 405 or (answer.status == 200 and not visitors.is_page(answer, address)):
            pytest.skip("no page: a form's target, a file, or a part of a page")
        if answer.status != 200:
            return {themes[0]: f"answered {answer.status} to {account or 'nobody'}"}
        visitors.note(answer)
        for theme in themes:
            if theme != themes[0]:
                seen.switch_to(theme)
            if PICTURES:
                seen.picture(PICTURES / f"{picture}-{theme}.png")
            wrong[theme] = seen.check(colours_only=theme != themes[0])
    return {theme: found for theme, found in wrong.items() if found}


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.name)
def test_a_page_with_everything_on_it(route, line, visitors):
    assert look(visitors, account_of(route), address_of(route, line), route.name.replace(":", "-")) == {}


@pytest.mark.parametrize(("route", "account"), OTHERS, ids=[f"{route.name}-{account}" for route, account in OTHERS])
def test_a_page_as_everybody_else_who_may_open_it(route, account, line, visitors):
    address = address_of(route, line)
    status, is_known = visitors.has_seen(account, address)
    if status in (403, 404) and route.rule().blinded:
        pytest.skip(f"{account} is blinded on what the line has here")
    if is_known:
        return
    with visitors.visit(account, LIGHT) as seen:
        answer = seen.open(address)
        visitors.note(answer)
        assert (answer.status, seen.check()) == (200, [])


@pytest.mark.parametrize("route", [route for route in ROUTES if fresh_address_of(route)], ids=lambda route: route.name)
def test_a_page_of_a_cohort_in_which_nothing_has_happened(route, visitors):
    picture = f"empty-{route.name.replace(':', '-')}"
    assert look(visitors, account_of(route), fresh_address_of(route), picture, (LIGHT,)) == {}


@pytest.mark.parametrize("name", ACCOUNT_PAGES)
def test_a_page_of_ones_own_account(name, visitors):
    from django.urls import reverse

    assert look(visitors, ACCOUNT_PAGES[name], reverse(name), name.replace("_", "-")) == {}


def test_the_viewer_on_a_drawn_lesion(line, visitors):
    """The picture of the README: the reader has gone to the lesion."""
    route = next(route for route in ROUTES if route.name == "annotations:view")
    with visitors.visit(account_of(route), DARK) as seen:
        seen.open(address_of(route, line))
        seen.page.get_by_role("button", name="Go to").first.click()
        seen.page.wait_for_timeout(500)
        if PICTURES:
            seen.picture(PICTURES / "viewer.png")
        assert seen.page.evaluate("() => Object.keys(window.petraViewer.voxelCounts()).length") >= 1
        assert seen.check() == []
