"""Three readings to one signed consensus in the browser: layers, a proposal to start from, a stroke, the signature."""

import os
from pathlib import Path

import pytest
from django.urls import reverse

from backend.annotations.models import Consensus, MaskSource
from backend.annotations.selectors import current_consensus
from backend.cohorts.models import Role
from backend.jobs.models import Job
from tests.conftest import wait_until
from tests.e2e.conftest import sign_in
from tests.e2e.test_viewer import paint_a_stroke, poll, voxel_counts
from tests.factories.people import make_cohort, make_member
from tests.factories.voxel_cases import block, hand_in, make_assignment, make_voxel_case

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def case(celery_worker_process):
    """Read by three people who do not agree, with the automatic consensus that the worker made of it."""
    cohort = make_cohort("reading", is_synthetic=True)
    make_member(cohort, Role.ADJUDICATOR, Role.ANALYST, username="ada")
    case = make_voxel_case(cohort, pseudonym="PETRA-READ0001")
    for number, (first, size) in enumerate(((10, 6), (11, 6), (12, 7)), 1):
        reader = make_member(cohort, Role.READER, username=f"reader{number}")
        hand_in(make_assignment(case, reader), block(case, first=first, size=size))
    jobs = Job.objects.in_flight()
    wait_until(lambda: not jobs.exists(), timeout_s=60, what="the consensus is built")
    return case


def wait_until_loaded(page) -> None:
    poll(lambda: page.evaluate("() => window.petraViewer?.state") == "loaded", "every voxel is loaded")


def picture(page, name: str) -> None:
    """Kept where the environment names a folder, to be looked at."""
    if folder := os.environ.get("PETRA_PICTURES"):
        page.screenshot(path=Path(folder) / f"{name}.png")


def test_an_adjudicator_starts_from_staple_draws_and_signs(browser_page, case):
    named = {"slug": case.patient.cohort.slug, "case_id": case.pk}
    sign_in(browser_page, "ada")
    browser_page.goto(reverse("cases:detail", kwargs=named))
    assert "Surface Dice" in browser_page.content() and "Fleiss' kappa" in browser_page.inner_text("main")
    picture(browser_page, "case")
    browser_page.get_by_role("button", name="Adjudicate").click()
    wait_until_loaded(browser_page)
    layers = browser_page.locator(".viewer-layers li")
    titles = layers.all_inner_texts()
    assert [title.split("\n")[0] for title in titles][:3] == ["reader1", "reader2", "reader3"]
    assert browser_page.locator(".viewer-layers input:checked").count() == 3
    browser_page.locator(".viewer-layers li", has_text="Where readers differ").locator("input").check()
    browser_page.locator(".viewer-proposals li", has_text="STAPLE").locator("[data-proposal]").click()
    poll(lambda: sum(voxel_counts(browser_page).values()) > 0, "the proposal is in the drawing")
    proposed = sum(voxel_counts(browser_page).values())
    browser_page.wait_for_timeout(1500)
    picture(browser_page, "adjudication")
    paint_a_stroke(browser_page)
    drawn = sum(voxel_counts(browser_page).values())
    assert drawn > proposed
    browser_page.fill(".viewer-outcome textarea", "Reader 3 saw the whole rim")
    browser_page.locator("#viewer-submit").click()
    browser_page.locator("dialog[open] button", has_text="Sign").click()
    browser_page.wait_for_url(f"**{reverse('cases:detail', kwargs=named)}")
    signed = current_consensus(case, "tumour")
    assert signed.is_signed and signed.differs_from_automatic and signed.mask.voxel_count == drawn
    assert signed.mask.source == MaskSource.CONSENSUS and len(signed.reading_ids) == 3
    wait_until(lambda: not Job.objects.in_flight().exists(), timeout_s=60, what="the signed mask is measured")
    assert Consensus.objects.get(pk=signed.pk).uptake["voxel_count"] == drawn

    browser_page.goto(reverse("annotations:case_view", kwargs=named))
    wait_until_loaded(browser_page)
    browser_page.wait_for_timeout(1500)
    picture(browser_page, "comparison")
    browser_page.goto(reverse("cases:detail", kwargs=named))
    browser_page.fill("#reopen-reason", "The rim is blood pool")
    browser_page.get_by_role("button", name="Reopen").click()
    poll(lambda: "Consensus unsigned" in browser_page.inner_text("body"), "the automatic one stands again")
    assert current_consensus(case, "tumour") == signed.automatic
