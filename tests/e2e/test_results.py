"""Figures of results in Chromium: drawn under the strict content-security policy in both themes, and downloaded."""

import pytest
from django.db import transaction
from playwright.sync_api import expect

from backend.cohorts.models import Role
from backend.experiments.models import ExperimentKind
from backend.experiments.services.recording import record_experiment
from backend.jobs.models import Job, JobKind, JobState
from backend.jobs.services import enqueue_job
from tests.e2e.conftest import sign_in
from tests.factories.people import make_cohort, make_member
from worker.compute.figures import feature_class_counts, flow_diagram, suv_distribution
from worker.drawing import draw

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.e2e]

DRAWN_MS = 30_000
FLOW = [{"label": "Screened", "n": 3, "excluded": [{"reason": "Withdrawn", "n": 1}]}, {"label": "Included", "n": 2}]
UPTAKE = [
    {"cancer_type": "ovarian", "tp53": state, "value": value}
    for state in ("TP53 mutated", "TP53 wild-type")
    for value in (4.0, 7.5, 11.0)
]


def record_summary(cohort) -> None:
    figures = [
        draw("flow", "Flow of patients", flow_diagram(FLOW), n=3),
        draw("uptake", "Uptake by cancer and TP53 state", suv_distribution(UPTAKE), n=6),
        draw("feature_classes", "Features by class", feature_class_counts({"Tumour CT": {"GLCM": 456, "shape": 14}})),
    ]
    results = {"flow": FLOW, "table_one": {}, "n": 2}
    # In one transaction: the suite's worker hears of the job when it is over, and leaves it alone.
    with transaction.atomic():
        job = enqueue_job(kind=JobKind.SUMMARISE_COHORT, subject=cohort, cohort_uuid=cohort.pk)
        record_experiment(cohort=cohort, kind=ExperimentKind.SUMMARY, job=job, results=results, figures=figures)
        Job.objects.filter(pk=job.pk).update(state=JobState.SUCCEEDED)


def test_figures_are_drawn_in_both_themes_and_downloaded(browser_page):
    cohort = make_cohort("trial")
    record_summary(cohort)
    make_member(cohort, Role.ANALYST, username="ana")
    page = browser_page
    sign_in(page, "ana")
    page.goto("/cohorts/trial/summary/")
    expect(page.locator("figure canvas")).to_have_count(2, timeout=DRAWN_MS)
    assert page.locator(".petra-figure-error").count() == 0
    page.click("[data-theme-toggle]")
    expect(page.locator("figure canvas")).to_have_count(2, timeout=DRAWN_MS)
    assert page.evaluate("document.documentElement.scrollWidth") <= 1280
    with page.expect_download() as download:
        page.locator("figure").first.get_by_text("PDF").click()
    assert download.value.suggested_filename == "petra-trial-flow.pdf"
    page.goto("/cohorts/trial/features/")
    expect(page.locator("figure canvas")).to_have_count(1, timeout=DRAWN_MS)
