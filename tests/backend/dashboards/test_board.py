"""The cohort board: what each role sees, filters in the address, and a constant number of queries."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from backend.annotations.models import Assignment, Consensus, Reading, Target
from backend.cohorts.models import Role
from backend.features.models import FeatureSet, Recipe
from backend.jobs.models import JobKind
from backend.jobs.services import enqueue_job
from tests.factories.cases import make_case
from tests.factories.clinical import make_patient
from tests.factories.pathology import make_read
from tests.factories.people import make_cohort, make_member, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def cohort():
    return make_cohort("study")


def board(client, cohort, user, **query):
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client.get(reverse("dashboards:board", kwargs={"slug": cohort.slug}), query)


def text(response) -> str:
    assert response.status_code == 200, response.status_code
    return response.content.decode()


def fill(cohort, count: int) -> None:
    reader = make_user()
    recipe = Recipe.objects.create(
        name="tumour", settings={}, sha256=f"{timezone.now().timestamp()}", feature_names=["a"]
    )
    for number in range(count):
        patient = make_patient(cohort, f"PETRA-{number:04d}")
        make_read(patient, reader)
        case = make_case(patient)
        Consensus.objects.create(case=case, target=Target.TUMOUR, method="majority", outcome="no_avid_tumour")
        FeatureSet.objects.create(case=case, source="tumour_ct", recipe=recipe, inputs_sha256="1", values=[1.0])


@pytest.mark.parametrize("role", Role.values)
def test_every_member_has_a_board_and_an_empty_one_says_what_to_do(client, cohort, role):
    page = text(board(client, cohort, make_member(cohort, role)))
    assert ("No case was given" if role == "reader" else "No patient is in this cohort yet") in page


def test_a_coordinator_sees_state_p53_and_completeness(client, cohort):
    fill(cohort, 1)
    page = text(board(client, cohort, make_member(cohort, Role.COORDINATOR)))
    for words in ("PETRA-0000", "Included", "mutated", "90 %", "Ovarian", "No avid tumour", "1/4"):
        assert words in page, words


def test_each_cell_leads_to_the_next_thing_to_do(client, cohort):
    make_patient(cohort, "PETRA-BARE")
    case = make_case(make_patient(cohort, "PETRA-SCAN"))
    page = text(board(client, cohort, make_member(cohort, Role.COORDINATOR)))
    imports = reverse("imaging:upload_list", kwargs={"slug": "study"})
    give = reverse("annotations:give", kwargs={"slug": "study"})
    assert f'href="{imports}">import</a>' in page and f"{give}?search=PETRA-SCAN" in page
    assert page.count('data-cell="reading_') == 6 and f"{give}?search=PETRA-BARE" not in page
    reader = make_member(cohort, Role.READER)
    given = Assignment.objects.create(case=case, reader=reader)
    assert ">given</a>" in text(board(client, cohort, make_member(cohort, Role.COORDINATOR)))
    Reading.objects.create(
        case=case, assignment=given, reader=reader, target="tumour", outcome="no_avid_tumour", reason="Nothing."
    )
    page = text(board(client, cohort, make_member(cohort, Role.ANALYST)))
    assert ">in</a>" in page and ">build</a>" in page and f"{give}?" not in page
    enqueue_job(kind=JobKind.BUILD_CONSENSUS, subject=case, cohort_uuid=cohort.pk)
    assert ">building</a>" in text(board(client, cohort, make_member(cohort, Role.ANALYST)))


def test_the_next_step_of_a_patient_is_a_filter(client, cohort):
    coordinator = make_member(cohort, Role.COORDINATOR)
    fill(cohort, 1)
    case = make_case(make_patient(cohort, "PETRA-SCAN"))
    assert "PETRA-SCAN" in text(board(client, cohort, coordinator, ready="assign"))
    reading = {"case": case, "target": "tumour", "origin": "elsewhere", "outcome": "no_avid_tumour", "reason": "None."}
    Reading.objects.create(**reading)
    found = text(board(client, cohort, coordinator, ready="consensus"))
    assert "PETRA-SCAN" in found and "PETRA-0000" not in found
    Consensus.objects.create(case=case, target=Target.TUMOUR, method="majority", outcome="no_avid_tumour")
    found = text(board(client, cohort, coordinator, ready="features"))
    assert "PETRA-SCAN" in found and "PETRA-0000" not in found
    assert "No patient matches" in text(board(client, cohort, coordinator, ready="complete"))


def test_a_reader_sees_only_own_cases_and_nothing_clinical(client, cohort):
    fill(cohort, 2)
    reader = make_member(cohort, Role.READER)
    case = cohort.patients.get(pseudonym="PETRA-0001").cases.get()
    Assignment.objects.create(case=case, reader=reader)
    page = text(board(client, cohort, reader, state="included", missing="ihc"))
    assert "PETRA-0001" in page and "PETRA-0000" not in page and "0/1" in page
    for hidden in ("mutated", "Ovarian", "Included", "No avid tumour", "90 %", "Consensus"):
        assert hidden not in page, hidden


def test_a_denial_beats_every_role(client, cohort):
    fill(cohort, 2)
    both = make_member(cohort, Role.READER, Role.COORDINATOR, Role.ANALYST)
    Assignment.objects.create(case=cohort.patients.get(pseudonym="PETRA-0001").cases.get(), reader=both)
    page = text(board(client, cohort, both, search="0001"))
    assert "hidden until you hand in your reading" in page
    for hidden in ("mutated", "90 %", "No avid tumour", "1/4"):
        assert hidden not in page, hidden
    assert "mutated" in text(board(client, cohort, both, search="0000"))
    file = b"".join(board(client, cohort, both, export="csv").streaming_content).decode().splitlines()
    hidden_row = next(line for line in file if line.startswith("PETRA-0001"))
    assert (
        hidden_row
        == "PETRA-0001,,Included,hidden,hidden,hidden,hidden,hidden,1,1,hidden,hidden,hidden,hidden,hidden,hidden"
    )
    for step in ("consensus", "features", "assign"):
        assert "PETRA-0001" not in text(board(client, cohort, both, ready=step)), "a filter tells how far others are"
    assert "PETRA-0001" not in text(board(client, cohort, both, missing="bat"))
    assert "PETRA-0001" not in text(board(client, cohort, both, cancer="ovarian")), "a filter tells the cancer"
    listed = client.get(f"/api/v1/cohorts/{cohort.slug}/patients/", {"cancer": "ovarian"}).json()
    assert [row["pseudonym"] for row in listed["results"]] == ["PETRA-0000"] and listed["count"] == 1


def test_a_pathologist_does_not_see_the_calls_of_others(client, cohort):
    fill(cohort, 1)
    page = text(board(client, cohort, make_member(cohort, Role.PATHOLOGIST)))
    assert "mutated" not in page and "90 %" not in page and "read" in page


def test_filters_are_in_the_address(client, cohort):
    coordinator = make_member(cohort, Role.COORDINATOR)
    fill(cohort, 1)
    make_patient(cohort, "PETRA-OUT", treated_before_pet=True)
    make_patient(cohort, "PETRA-CERVIX", cancer_type="cervical")
    assert "PETRA-OUT" in text(board(client, cohort, coordinator, state="excluded"))
    assert "PETRA-0000" not in text(board(client, cohort, coordinator, state="excluded"))
    cervical = text(board(client, cohort, coordinator, cancer="cervical"))
    assert "PETRA-CERVIX" in cervical and "PETRA-0000" not in cervical
    for part in ("ihc", "ct", "pet", "readings", "consensus", "bat", "features"):
        assert "PETRA-CERVIX" in text(board(client, cohort, coordinator, missing=part)), part
    assert "PETRA-0000" not in text(board(client, cohort, coordinator, missing="ihc"))
    assert "PETRA-CERVIX" not in text(board(client, cohort, coordinator, missing="clinical"))
    assert "No patient matches" in text(board(client, cohort, coordinator, search="nobody"))


def test_fifty_patients_a_page(client, cohort):
    for number in range(52):
        make_patient(cohort, f"PETRA-{number:04d}")
    coordinator = make_member(cohort, Role.COORDINATOR)
    assert "PETRA-0051" not in text(board(client, cohort, coordinator))
    assert "PETRA-0051" in text(board(client, cohort, coordinator, page=2))


@pytest.mark.parametrize("count", [3, 30])
@pytest.mark.parametrize("roles", [(Role.COORDINATOR, Role.READER), (Role.READER,)])
def test_the_number_of_queries_does_not_grow_with_the_patients(
    client, cohort, count, roles, django_assert_max_num_queries
):
    fill(cohort, count)
    user = make_member(cohort, *roles)
    due = timezone.now().date() + timedelta(days=7)
    for patient in cohort.patients.all()[: count // 2]:
        Assignment.objects.create(case=patient.cases.get(), reader=user, due_on=due)
    board(client, cohort, user)
    with django_assert_max_num_queries(30):
        text(client.get(reverse("dashboards:board", kwargs={"slug": cohort.slug})))
