"""Three readers in three browsers draw one case at once, unseen by each other; an adjudicator signs one consensus."""

import os
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.urls import reverse
from playwright.sync_api import BrowserContext, Page

from backend.annotations.models import Assignment, Consensus, Mask, MaskSource
from backend.annotations.selectors import current_consensus, newest_revision
from backend.annotations.services.masks import read_labelmap
from backend.cohorts.models import Role
from backend.jobs.models import Job
from tests.conftest import wait_until
from tests.contracts.routes import own_routes
from tests.e2e.conftest import browser_context, sign_in
from tests.e2e.test_viewer import address, centre_of_grid, paint_a_stroke, poll, voxel_counts
from tests.factories.people import make_cohort, make_member
from tests.factories.voxel_cases import make_assignment, make_voxel_case

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]
# Where each reader's sphere is laid, from the middle of the grid along x.
SHIFTS_MM = (-8, 0, 16)
NAMES = ("reader1", "reader2", "reader3")


@dataclass
class Desk:
    """A reader's browser: the page, everything that it was sent, and the answers to what else was asked."""

    assignment: Assignment
    context: BrowserContext
    page: Page
    answers: list

    def draw(self, shift_mm: float) -> None:
        """A sphere and a stroke of the brush, as a reader does: two steps with the mouse and the keyboard."""
        x, y, z = centre_of_grid()
        paint_a_stroke(self.page)
        self.page.evaluate("place => window.petraViewer.jumpTo(place)", [x + shift_mm, y, z])
        self.page.keyboard.press("s")
        self.page.keyboard.press("Space")

    def is_saved(self) -> bool:
        return self.page.locator("#viewer-saving").get_attribute("data-state") == "saved"

    def hand_in(self) -> None:
        self.page.locator("#viewer-submit").click()
        self.page.get_by_role("dialog").get_by_role("button", name="Submit").click()
        self.page.wait_for_url("**/worklist/")

    def is_told_nothing_of(self, masks: list[Mask]) -> None:
        """Neither what the page fetched nor any address that can name another's mask, case or task tells of it."""
        secrets = [secret for mask in masks for secret in (str(mask.pk), mask.sha256)]
        drawn = [read_labelmap(mask) for mask in masks]
        for answer in self.answers:
            assert not [secret for secret in secrets if secret in answer.url], answer.url
        for asked in sorted({found for mask in masks for found in addresses_that_name(mask)}):
            answer = self.context.request.get(asked, timeout=10_000, max_redirects=0)
            told = answer.body() if answer.status == 200 else b""
            assert not [secret for secret in secrets if secret.encode() in told], asked
            assert told not in drawn, asked


def addresses_that_name(mask: Mask) -> list[str]:
    """Every address of the cohort that names at most this mask, its case, its patient or its task."""
    slug = mask.case.patient.cohort.slug
    values = {
        "slug": slug,
        "case_id": mask.case_id,
        "pseudonym": mask.case.patient.pseudonym,
        "assignment_id": mask.assignment_id,
        "mask_id": mask.pk,
    }
    routes = [route for route in own_routes() if "slug" in route.keywords and set(values).issuperset(route.keywords)]
    plain = [reverse(route.name, kwargs={name: values[name] for name in route.keywords}) for route in routes]
    case = reverse("annotations:case_view", kwargs={"slug": slug, "case_id": mask.case_id})
    return [*plain, f"{case}?mask={mask.pk}"]


@contextmanager
def desk(browser, url: str, assignment: Assignment):
    """A browser of the reader's own, signed in, with the case open; an error on its page fails the test."""
    context = browser_context(browser, url)
    page, answers, errors = context.new_page(), [], []
    page.on("response", lambda answer: answers.append(answer))
    page.on("pageerror", lambda error: errors.append(str(error)))
    sign_in(page, assignment.reader.username)
    page.goto(address(assignment))
    yield Desk(assignment, context, page, answers)
    context.close()
    assert errors == []


def wait_until_loaded(page) -> None:
    poll(lambda: page.evaluate("() => window.petraViewer?.state") == "loaded", "every voxel is loaded")


def picture(page, name: str) -> None:
    """Kept where the environment names a folder, to be looked at."""
    if folder := os.environ.get("PETRA_PICTURES"):
        page.wait_for_timeout(1500)
        page.screenshot(path=Path(folder) / f"{name}.png")


def read_unseen(desks: list[Desk]) -> list[Mask]:
    """All three draw and are saved before the first hands in; whoever is still at it learns nothing of the others."""
    for one in desks:
        wait_until_loaded(one.page)
    for one, shift_mm in zip(desks, SHIFTS_MM, strict=True):
        one.draw(shift_mm)
    for one in desks:
        poll(one.is_saved, f"the drawing of {one.assignment.reader} is saved")
    masks = [newest_revision(one.assignment) for one in desks]
    assert len({mask.sha256 for mask in masks}) == 3, "each has drawn something else"
    for number, one in enumerate(desks):
        one.is_told_nothing_of(masks[:number] + masks[number + 1 :])
        assert voxel_counts(one.page) == {"1": masks[number].voxel_count}
        one.hand_in()
    return masks


def test_three_readers_at_once_end_with_one_signed_consensus(
    browser_page, _chromium, live_server_url, celery_worker_process
):
    cohort = make_cohort("reading", is_synthetic=True)
    make_member(cohort, Role.ADJUDICATOR, Role.ANALYST, username="ada")
    case = make_voxel_case(cohort, pseudonym="PETRA-READ0001")
    given = [make_assignment(case, make_member(cohort, Role.READER, username=name)) for name in NAMES]
    with (
        desk(_chromium, live_server_url, given[0]) as first,
        desk(_chromium, live_server_url, given[1]) as second,
        desk(_chromium, live_server_url, given[2]) as third,
    ):
        masks = read_unseen([first, second, third])
    wait_until(lambda: not Job.objects.in_flight().exists(), timeout_s=60, what="the consensus is built")
    automatic = current_consensus(case, "tumour")
    votes = [sum(label > 0 for label in labels) for labels in zip(*map(read_labelmap, masks), strict=True)]
    assert automatic.majority.voxel_count == sum(vote >= 2 for vote in votes) > 0 and automatic.staple
    adjudicate(browser_page, case, automatic)


def adjudicate(page, case, automatic: Consensus) -> None:
    named = {"slug": case.patient.cohort.slug, "case_id": case.pk}
    sign_in(page, "ada")
    page.goto(reverse("cases:detail", kwargs=named))
    assert "Surface Dice" in page.content() and "Fleiss' kappa" in page.inner_text("main")
    picture(page, "case")
    page.get_by_role("button", name="Adjudicate").click()
    wait_until_loaded(page)
    titles = page.locator(".viewer-layers li").all_inner_texts()
    assert [title.split("\n")[0] for title in titles][:3] == list(NAMES)
    assert page.locator(".viewer-layers input:checked").count() == 3
    page.locator(".viewer-layers li", has_text="Where readers differ").locator("input").check()
    page.locator(".viewer-proposals li", has_text="STAPLE").locator("[data-proposal]").click()
    poll(lambda: voxel_counts(page) == {"1": automatic.staple.voxel_count}, "the proposal is in the drawing")
    picture(page, "adjudication")
    page.evaluate("place => window.petraViewer.jumpTo(place)", [value + 40 for value in centre_of_grid()])
    page.keyboard.press("b")
    page.keyboard.press("Space")
    drawn = poll(lambda: voxel_counts(page)["1"], "the adjudicator has drawn")
    assert drawn > automatic.staple.voxel_count
    page.fill(".viewer-outcome textarea", "Reader 3 saw the whole rim")
    page.locator("#viewer-submit").click()
    page.locator("dialog[open] button", has_text="Sign").click()
    page.wait_for_url(f"**{reverse('cases:detail', kwargs=named)}")
    signed = current_consensus(case, "tumour")
    assert signed.is_signed and signed.differs_from_automatic and signed.mask.voxel_count == drawn
    assert signed.mask.source == MaskSource.CONSENSUS and len(signed.reading_ids) == 3
    assert (signed.signed_by.username, signed.reason) == ("ada", "Reader 3 saw the whole rim")
    wait_until(lambda: not Job.objects.in_flight().exists(), timeout_s=60, what="the signed mask is measured")
    assert Consensus.objects.get(pk=signed.pk).uptake["voxel_count"] == drawn
    compare_and_reopen(page, case, named, signed)


def compare_and_reopen(page, case, named: dict, signed: Consensus) -> None:
    page.goto(reverse("annotations:case_view", kwargs=named))
    wait_until_loaded(page)
    picture(page, "comparison")
    page.goto(reverse("cases:detail", kwargs=named))
    page.fill("#reopen-reason", "The rim is blood pool")
    page.get_by_role("button", name="Reopen").click()
    poll(lambda: "Consensus unsigned" in page.inner_text("body"), "the automatic one stands again")
    assert current_consensus(case, "tumour") == signed.automatic
