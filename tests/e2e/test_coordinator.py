"""A coordinator in the browser: overrules the criteria with a reason, and withdraws a patient."""

import pytest

from backend.audit.models import AuditRecord
from backend.cohorts.models import EligibilityDecision, Patient, Role, Withdrawal
from tests.conftest import wait_until
from tests.e2e.conftest import sign_in
from tests.factories.clinical import make_patient
from tests.factories.people import make_cohort, make_member

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def coordinator(browser_page):
    cohort = make_cohort("study")
    make_member(cohort, Role.COORDINATOR, username="coordinator")
    make_patient(cohort, "PETRA-OVERRIDE", treated_before_pet=True)
    make_patient(cohort, "PETRA-LEAVING1", age_years=63.25)
    sign_in(browser_page, "coordinator")
    return browser_page


def test_an_override_is_made_by_keyboard_and_said_everywhere(coordinator):
    page = coordinator
    page.goto("/cohorts/study/flow/")
    page.get_by_text("(b) No treatment before PET/CT").first.click()
    page.get_by_role("link", name="PETRA-OVERRIDE").click()
    page.get_by_text("Overrule the criteria").press("Enter")
    page.get_by_label("Set to").select_option("included")
    page.get_by_label("Reason").fill("One day of iron is no treatment")
    page.get_by_label("Reason").press("Enter")
    page.wait_for_url("**/patients/PETRA-OVERRIDE/#eligibility")
    assert page.get_by_text("One day of iron is no treatment").first.is_visible()
    newest = EligibilityDecision.objects.filter(patient__pseudonym="PETRA-OVERRIDE").first()
    assert (newest.state, newest.is_override) == ("included", True)
    assert AuditRecord.objects.filter(action="eligibility.override", reason__startswith="One day").exists()
    page.goto("/cohorts/study/flow/")
    assert page.get_by_text("Included (n\u00a0=\u00a02)").count() == 1


def test_a_withdrawal_asks_for_the_pseudonym_and_leaves_a_tombstone(coordinator, celery_worker_process):
    page = coordinator
    page.goto("/cohorts/study/patients/PETRA-LEAVING1/")
    assert page.get_by_text("63.25").first.is_visible()
    page.get_by_role("link", name="Withdraw").click()
    assert page.get_by_text("What is erased, for good").is_visible()
    page.get_by_label("Reason").fill("The patient asked for it")
    page.get_by_label("Pseudonym, typed again").fill("PETRA-OVERRIDE")
    page.get_by_role("button", name="Withdraw and erase").click()
    assert page.get_by_text("Type PETRA-LEAVING1 to say that you mean this patient.").is_visible()
    page.get_by_label("Pseudonym, typed again").fill("PETRA-LEAVING1")
    page.get_by_role("button", name="Withdraw and erase").click()
    done = Withdrawal.objects.filter(finished_at__isnull=False)
    wait_until(done.exists, timeout_s=60, what="the erasure is done")
    page.goto("/cohorts/study/patients/PETRA-LEAVING1/")
    assert page.get_by_text("Nothing of the patient is left but this").is_visible()
    assert (
        "63.25" not in page.content() and not Patient.objects.get(pseudonym="PETRA-LEAVING1").clinical_records.exists()
    )
