"""Protocol and clinical import in the browser."""

import io

import pytest
from django.urls import reverse

from backend.cohorts.models import ClinicalTable, Enrolment, ProtocolVersion, Role
from backend.cohorts.protocol_fields import RULES
from backend.cohorts.protocol_forms import ProtocolForm
from backend.cohorts.services import current_rules
from backend.jobs.models import Job, JobKind
from tests.factories.clinical import make_patient
from tests.factories.clinical_tables import table
from tests.factories.people import make_cohort, make_member

pytestmark = pytest.mark.django_db


@pytest.fixture
def cohort():
    return make_cohort("study")


def sign_in(client, cohort, *roles):
    user = make_member(cohort, *roles)
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return user


def page(name: str, cohort) -> str:
    return reverse(f"cohorts:{name}", kwargs={"slug": cohort.slug})


def values(cohort, **changes) -> dict:
    form = ProtocolForm(rules=current_rules(cohort))
    return {**{name: form[name].value() for name in form.fields}, "log_sigmas_mm": "3, 5", **changes}


def test_every_rule_is_shown_with_its_unit(client, cohort):
    assert {rule.name for rule in RULES} == set(current_rules(cohort).to_json())
    sign_in(client, cohort, Role.READER)
    shown = client.get(page("protocol", cohort)).content.decode()
    assert all(rule.title.replace("<", "&lt;") in shown and rule.unit in shown for rule in RULES)
    assert "Change the protocol" not in shown


def test_a_change_is_a_new_version_with_what_it_changed(client, cohort):
    sign_in(client, cohort, Role.COORDINATOR)
    patient = make_patient(cohort, age_years=20.0)
    form = values(cohort, minimum_age_years="21", bat_suv_bw_above="2", reason="ethics board")
    assert client.post(page("protocol_change", cohort), form).status_code == 302
    assert current_rules(cohort).minimum_age_years == 21.0 and current_rules(cohort).log_sigmas_mm == [3.0, 5.0]
    assert Enrolment.objects.get(patient=patient).state == "excluded"
    shown = client.get(page("protocol", cohort)).content.decode()
    assert "ethics board" in shown and "Older than (years): 18 → <strong>21</strong>" in shown


@pytest.mark.parametrize(
    "changes",
    [
        {"reason": ""},
        {},
        {"bat_hu_minimum": "0", "bat_hu_maximum": "-10"},
        {"log_sigmas_mm": "3, 3"},
        {"log_sigmas_mm": "3, x"},
        {"folds": "1"},
        {"test_fraction": "nan"},
        {"cancer_types": []},
        {"cancer_types": ["breast"]},
        {"label_percent_stained_above": "101"},
    ],
)
def test_a_bad_change_makes_no_version(client, cohort, changes):
    sign_in(client, cohort, Role.COORDINATOR)
    response = client.post(page("protocol_change", cohort), values(cohort, **{"reason": "because", **changes}))
    assert response.status_code == 200 and ProtocolVersion.objects.filter(cohort=cohort).count() == 1


def test_a_table_is_sent_and_followed_on_its_own_page(client, cohort):
    user = sign_in(client, cohort, Role.COORDINATOR)
    assert "No table was sent yet" in client.get(page("clinical_import", cohort)).content.decode()
    file = io.BytesIO(table({}))
    file.name = "Jane Doe HN-4711.csv"
    sent = client.post(page("clinical_import", cohort), {"file": file})
    job, kept = Job.objects.get(kind=JobKind.IMPORT_CLINICAL), ClinicalTable.objects.get()
    assert sent["Location"].endswith(f"/clinical-import/{kept.pk}/") and job.created_by == kept.sent_by == user
    assert "Jane" not in str(vars(job)) + str(vars(kept)) and "4711" not in str(vars(job)) + str(vars(kept))
    assert "Being read" in client.get(page("clinical_import", cohort)).content.decode()


def test_a_table_that_is_too_large_is_refused(client, cohort, monkeypatch):
    monkeypatch.setattr("backend.cohorts.clinical_tables.LIMIT_BYTES", 10)
    sign_in(client, cohort, Role.COORDINATOR)
    file = io.BytesIO(table({}))
    file.name = "clinical.csv"
    shown = client.post(page("clinical_import", cohort), {"file": file}).content.decode()
    assert "larger than" in shown and not Job.objects.exists()
