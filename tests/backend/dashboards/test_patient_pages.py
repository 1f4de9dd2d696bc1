"""The page of a patient, its forms, and the pathology pages: who sees what, and what a change leaves behind."""

from datetime import date

import pytest
from django.urls import reverse

from backend.annotations.models import Assignment
from backend.audit.models import AuditRecord
from backend.cohorts.clinical_forms import ClinicalForm
from backend.cohorts.models import ClinicalRecord, Enrolment, Role
from backend.imaging.models import QcFinding
from backend.pathology.models import IhcRead, SlidePhotograph
from tests.factories.cases import make_case
from tests.factories.clinical import make_patient
from tests.factories.pathology import OVEREXPRESSED, make_photograph, make_read, picture
from tests.factories.people import make_cohort, make_member, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def patient():
    patient = make_patient(make_cohort("study"), histotype="serous", grade="poor")
    case = make_case(patient)
    QcFinding.objects.create(patient=patient, case=case, code="x", severity="warning", sentence="The PET is shifted.")
    make_read(patient, make_user("first-pathologist"))
    return patient


def address(name: str, patient, **kwargs) -> str:
    return reverse(name, kwargs={"slug": patient.cohort.slug, "pseudonym": patient.pseudonym, **kwargs})


def sign_in(client, user):
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return user


def text(response) -> str:
    assert response.status_code == 200, response.status_code
    return response.content.decode()


@pytest.mark.parametrize("role", [Role.COORDINATOR, Role.ANALYST, Role.ADJUDICATOR])
def test_the_page_shows_criteria_values_p53_images_and_features(client, patient, role):
    sign_in(client, make_member(patient.cohort, role))
    page = text(client.get(address("dashboards:patient", patient)))
    for words in (
        "(a) PET/CT within 14 days", "PET/CT 7 days after first admission.", "Histotype", "Serous", "TP53 mutated",
        "The PET is shifted.", "Tumour CT", "not extracted", "SUVbw",
    ):  # fmt: skip
        assert words in page, words
    assert ("Overrule the criteria" in page) is (role == Role.COORDINATOR)
    assert AuditRecord.objects.filter(action="patient.view").count() == 1


def test_a_reader_sees_images_and_nothing_clinical(client, patient):
    reader = sign_in(client, make_member(patient.cohort, Role.READER))
    Assignment.objects.create(case=patient.cases.get(), reader=reader)
    page = text(client.get(address("dashboards:patient", patient)))
    assert "SUVbw" in page and "to read" in page and "Readers do not see" in page
    for hidden in ("serous", "mutated", "Included", "Histotype", "first admission", "Poor", "Features"):
        assert hidden not in page, hidden


def test_a_person_who_owes_a_reading_is_denied_on_every_page_whatever_the_role(client, patient):
    person = sign_in(client, make_member(patient.cohort, *Role.values))
    Assignment.objects.create(case=patient.cases.get(), reader=person)
    page = text(client.get(address("dashboards:patient", patient)))
    for hidden in ("serous", "mutated", "first admission", "Poorly"):
        assert hidden not in page, hidden
    photograph = make_photograph(patient, actor=person)
    for name in ("photograph", "image", "thumbnail"):
        found = reverse(f"pathology:{name}", kwargs={"slug": patient.cohort.slug, "photograph_id": photograph.pk})
        assert client.get(found).status_code == 403
    for name in ("dashboards:clinical_edit", "pathology:patient"):
        assert client.get(address(name, patient)).status_code == 403, name
    override = {"state": "excluded", "reason": "x"}
    assert client.post(address("dashboards:eligibility_override", patient), override).status_code == 403
    listed = text(client.get(reverse("pathology:worklist", kwargs={"slug": patient.cohort.slug})))
    assert patient.pseudonym not in listed


def test_a_second_pathologist_reads_independently(client, patient):
    sign_in(client, make_member(patient.cohort, Role.PATHOLOGIST))
    for name in ("dashboards:patient", "pathology:patient"):
        page = text(client.get(address(name, patient)))
        assert "1 read by others, shown once you have signed yours" in page and "mutated" not in page
    values = {**OVEREXPRESSED, "percent_stained": "2", "pattern": "wild_type", "internal_control_present": "true"}
    assert client.post(address("pathology:patient", patient), values).status_code == 302
    page = text(client.get(address("pathology:patient", patient)))
    assert "first-pathologist" in page and "The reads lie on both sides of 5 %" in page and "signed by you" in page
    assert client.post(address("pathology:patient", patient), {**values, "percent_stained": "3"}).status_code == 302
    assert IhcRead.objects.count() == 3 and "Your corrected reads (1)" in text(
        client.get(address("pathology:patient", patient))
    )


def test_a_null_pattern_without_control_is_refused_beside_its_field(client, patient):
    sign_in(client, make_member(patient.cohort, Role.PATHOLOGIST))
    values = {"percent_stained": "0", "pattern": "null", "intensity": "none", "internal_control_present": ""}
    page = text(client.post(address("pathology:patient", patient), values))
    assert "needs a positive internal control" in page and IhcRead.objects.count() == 1


def test_a_coordinator_cannot_sign_a_read(client, patient):
    sign_in(client, make_member(patient.cohort, Role.COORDINATOR))
    client.post(address("pathology:patient", patient), OVEREXPRESSED)
    assert IhcRead.objects.count() == 1


def test_photographs_are_added_looked_at_and_refused_in_a_sentence(client, patient):
    sign_in(client, make_member(patient.cohort, Role.PATHOLOGIST))
    file = picture()
    file.name = "Jane Doe.jpg"
    added = client.post(address("pathology:photograph_add", patient), {"stain": "he", "file": file}, follow=True)
    assert "The photograph is kept" in text(added)
    photograph = SlidePhotograph.objects.get()
    kwargs = {"slug": patient.cohort.slug, "photograph_id": photograph.pk}
    image = client.get(reverse("pathology:image", kwargs=kwargs))
    assert image["Content-Type"] == "image/jpeg" and image.content[:2] == b"\xff\xd8"
    page = text(client.get(reverse("pathology:photograph", kwargs=kwargs)))
    assert f'data-dzi="{reverse("pathology:dzi", kwargs=kwargs)}"' in page
    broken = picture()
    broken.truncate(150)
    broken.seek(0)
    broken.name = "x.jpg"
    refused = client.post(address("pathology:photograph_add", patient), {"stain": "he", "file": broken}, follow=True)
    assert "damaged" in text(refused) and SlidePhotograph.objects.count() == 1


def form_values(patient, **changes) -> dict:
    newest = ClinicalRecord.objects.filter(patient=patient).latest()
    form = ClinicalForm(instance=newest, initial={"based_on": str(newest.pk)})
    values = {name: form[name].value() for name in form.fields}
    return {name: "" if value is None else value for name, value in {**values, **changes}.items()}


def test_an_edit_is_a_new_record_with_its_reason_and_moves_the_state(client, patient):
    coordinator = sign_in(client, make_member(patient.cohort, Role.COORDINATOR))
    page = address("dashboards:clinical_edit", patient)
    assert "shifted by the patient" in text(client.get(page))
    values = form_values(patient, pet_date="2020-04-20", biopsy_date="2020-04-25", reason="typing error")
    assert client.post(page, values).status_code == 302
    newest = ClinicalRecord.objects.filter(patient=patient).latest()
    assert newest.pet_date == date(2020, 4, 20) and newest.recorded_by == coordinator and newest.histotype == "serous"
    assert newest.treated_before_pet is False and newest.lymph_node_metastasis is None
    assert Enrolment.objects.get(patient=patient).state == "excluded"
    shown = text(client.get(address("dashboards:patient", patient)))
    assert "typing error" in shown and "2020-03-08 → <strong>2020-04-20</strong>" in shown


def test_an_edit_on_an_old_record_or_without_a_reason_or_change_is_refused(client, patient):
    sign_in(client, make_member(patient.cohort, Role.PATHOLOGIST))
    page = address("dashboards:clinical_edit", patient)
    assert "Somebody changed these values" in text(
        client.post(page, form_values(patient, age_years="60", reason="x", based_on="other"))
    )
    assert "required" in text(client.post(page, form_values(patient, age_years="60", reason="")))
    assert "Nothing differs" in text(client.post(page, form_values(patient, reason="x")))
    assert ClinicalRecord.objects.count() == 1


def test_a_coordinator_overrules_and_lifts(client, patient):
    sign_in(client, make_member(patient.cohort, Role.COORDINATOR))
    client.post(address("dashboards:eligibility_override", patient), {"state": "excluded", "reason": "moved away"})
    assert Enrolment.objects.get(patient=patient).state == "excluded"
    page = text(client.get(address("dashboards:patient", patient)))
    assert "moved away" in page and "Let the criteria decide again" in page
    client.post(address("dashboards:eligibility_lift", patient))
    assert Enrolment.objects.get(patient=patient).state == "included"
    assert client.post(address("dashboards:eligibility_override", patient), {"state": "excluded"}).status_code == 400


def test_the_worklist_leads_to_the_next_patient(client, patient):
    sign_in(client, make_member(patient.cohort, Role.PATHOLOGIST))
    make_patient(patient.cohort, "PETRA-UNREAD")
    page = reverse("pathology:worklist", kwargs={"slug": patient.cohort.slug})
    listed = text(client.get(page))
    assert "Read the next patient" in listed and listed.index("PETRA-UNREAD") < listed.index(patient.pseudonym)
    assert patient.pseudonym not in text(client.get(page, {"read": "none"}))


def test_an_unknown_patient_is_not_found(client, patient):
    sign_in(client, make_member(patient.cohort, Role.COORDINATOR))
    kwargs = {"slug": patient.cohort.slug, "pseudonym": "PETRA-NOBODY"}
    assert client.get(reverse("dashboards:patient", kwargs=kwargs)).status_code == 404


def test_the_worklist_costs_the_same_for_many_patients(client, django_assert_max_num_queries):
    cohort = make_cohort()
    for number in range(30):
        make_patient(cohort, f"PETRA-{number:04d}")
    sign_in(client, make_member(cohort, Role.PATHOLOGIST))
    with django_assert_max_num_queries(14):
        text(client.get(reverse("pathology:worklist", kwargs={"slug": cohort.slug})))
