"""Doing one thing to many patients: what would happen, then once for each, and who was left out and why."""

import pytest
from django.urls import reverse

from backend.annotations.models import Assignment, Consensus, Mask, MaskSource, Reading, Target
from backend.audit.models import AuditRecord
from backend.audit.services import verify_chain
from backend.cohorts.eligibility_log import override_eligibility
from backend.cohorts.models import EligibilityDecision, Enrolment, PatientState, Role
from backend.jobs.models import Job, JobKind
from backend.jobs.services import enqueue_job
from tests.factories.cases import make_case
from tests.factories.clinical import make_patient
from tests.factories.people import make_cohort, make_member

pytestmark = pytest.mark.django_db


@pytest.fixture
def cohort():
    return make_cohort("study")


@pytest.fixture
def coordinator(client, cohort):
    person = make_member(cohort, Role.COORDINATOR)
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return person


def patients(cohort, count: int, **clinical) -> list:
    return [make_patient(cohort, f"PETRA-{number:04d}", **clinical) for number in range(count)]


def send(client, **fields):
    return client.post(reverse("dashboards:bulk", kwargs={"slug": "study"}), fields)


def confirm(client, asked, **fields):
    """What the page that asks sends when its button is pressed."""
    selection = asked.context["selection"]
    values = {
        "patient": selection.identifiers,
        "query": selection.query,
        "digest": selection.digest,
        "confirmed": "yes",
    }
    values |= {"everybody": "1"} if selection.is_everybody else {}
    return send(client, action=asked.context["action"].key, **values, **fields)


def told(client, answer) -> str:
    assert answer.status_code == 302, answer.content.decode()
    return client.get(answer.headers["Location"]).content.decode()


def test_nothing_happens_before_it_is_confirmed_and_then_each_is_included_with_a_record(client, cohort, coordinator):
    rows = patients(cohort, 3, treated_before_pet=True)
    included = make_patient(cohort, "PETRA-IN")
    asked = send(client, action="include", patient=[str(row.pk) for row in (*rows[:2], included)])
    assert "Include 2 patients" in asked.content.decode() and "left out: included already" in asked.content.decode()
    assert not Enrolment.objects.filter(patient__in=rows, state=PatientState.INCLUDED).exists()
    page = told(client, confirm(client, asked, reason="The board decided so."))
    assert "2 patients included." in page and "1 left out: included already" in page and "PETRA-IN" in page
    assert Enrolment.objects.filter(patient__in=rows, state=PatientState.INCLUDED).count() == 2
    records = AuditRecord.objects.filter(action="eligibility.override", reason="The board decided so.")
    assert {record.object_id for record in records} == {str(row.pk) for row in rows[:2]} and not verify_chain()


def test_including_many_leaves_what_including_one_leaves(client, cohort, coordinator):
    one, other = patients(cohort, 2, treated_before_pet=True)
    override_eligibility(patient=one, state=PatientState.INCLUDED, reason="As agreed.", actor=coordinator)
    confirm(client, send(client, action="include", patient=str(other.pk)), reason="As agreed.")
    kept = ("state", "criteria", "is_override", "reason", "decided_by", "protocol")
    decisions = EligibilityDecision.objects.filter(is_override=True)
    assert len({str([getattr(row, name) for name in kept]) for row in decisions}) == 1 and len(decisions) == 2
    records = AuditRecord.objects.filter(action="eligibility.override")
    assert len({str((row.before, row.after, row.reason, row.object_type)) for row in records}) == 1


def test_everybody_who_matches_is_found_by_the_filters(client, cohort, coordinator):
    patients(cohort, 60, treated_before_pet=True)
    make_patient(cohort, "PETRA-OTHER", treated_before_pet=True, cancer_type="cervical")
    asked = send(client, action="include", everybody="1", query="cancer=ovarian&page=2")
    assert "Include 60 patients" in asked.content.decode()
    assert "60 patients included." in told(client, confirm(client, asked, reason="All of them."))
    assert cohort.patients.get(pseudonym="PETRA-OTHER").enrolment.state == PatientState.EXCLUDED


def test_a_selection_that_changed_meanwhile_is_refused(client, cohort, coordinator):
    patients(cohort, 2, treated_before_pet=True)
    asked = send(client, action="include", everybody="1", query="state=excluded")
    make_patient(cohort, "PETRA-NEW", treated_before_pet=True)
    answer = confirm(client, asked, reason="All of them.")
    assert answer.status_code == 409 and not Enrolment.objects.filter(state=PatientState.INCLUDED).exists()


def test_a_form_that_is_not_filled_in_is_asked_again(client, cohort, coordinator):
    (row,) = patients(cohort, 1, treated_before_pet=True)
    answer = confirm(client, send(client, action="include", patient=str(row.pk)), reason="")
    assert answer.status_code == 200 and "required" in answer.content.decode()
    assert not Enrolment.objects.filter(state=PatientState.INCLUDED).exists()


def test_who_withdrew_is_never_included(client, cohort, coordinator):
    (row,) = patients(cohort, 1)
    Enrolment.objects.filter(patient=row).update(state=PatientState.WITHDRAWN)
    asked = send(client, action="include", patient=str(row.pk))
    assert "nothing to do" in asked.content.decode() and "withdrew" in asked.content.decode()
    assert confirm(client, asked, reason="Please.").status_code == 200
    assert Enrolment.objects.get(patient=row).state == PatientState.WITHDRAWN


def test_cases_are_given_evenly_to_the_readers_that_were_chosen(client, cohort, coordinator):
    rows = patients(cohort, 4)
    for row in rows[:3]:
        make_case(row)
    readers = [make_member(cohort, Role.READER) for _ in range(3)]
    asked = send(client, action="assign", patient=[str(row.pk) for row in rows])
    assert "Give 3 patients" in asked.content.decode() and "left out: no PET/CT yet" in asked.content.decode()
    few = confirm(client, asked, readers=[readers[0].pk], target="tumour", readers_per_case=2)
    assert few.status_code == 200 and "at least 2 readers" in few.content.decode()
    answer = confirm(client, asked, readers=[reader.pk for reader in readers], target="tumour", readers_per_case=2)
    assert "6 assignments given." in told(client, answer)
    assert sorted(Assignment.objects.filter(reader=reader).count() for reader in readers) == [2, 2, 2]


def read(case) -> Reading:
    values = {"case": case, "target": Target.TUMOUR, "outcome": "no_avid_tumour", "reason": "Nothing.", "origin": "x"}
    return Reading.objects.create(**values)


def test_consensuses_start_where_there_is_a_reading_and_nothing_current(client, cohort, coordinator):
    rows = patients(cohort, 4)
    cases = [make_case(row) for row in rows]
    readings = [read(case) for case in cases[:3]]
    common = {"target": Target.TUMOUR, "method": "majority", "outcome": "no_avid_tumour"}
    Consensus.objects.create(case=cases[0], reading_ids=[readings[0].pk], **common)
    busy = {"target": "tumour", "readers": 1}
    enqueue_job(kind=JobKind.EXTRACT_FEATURES, subject=cases[1], cohort_uuid=cohort.pk, parameters=busy)
    asked = send(client, action="consensus", patient=[str(row.pk) for row in rows])
    page = told(client, confirm(client, asked))
    assert "2 jobs started." in page and "nobody has handed in a reading" in page and "the consensus is current" in page
    started = Job.objects.filter(kind=JobKind.BUILD_CONSENSUS)
    assert {job.subject_id for job in started} == {str(cases[1].pk), str(cases[2].pk)}
    assert started[0].parameters["target"] == "tumour" and len(started[0].parameters["readings"]) == 1
    again = told(client, confirm(client, send(client, action="consensus", patient=[str(row.pk) for row in rows])))
    assert "0 jobs started." in again and "already being worked on" in again
    assert AuditRecord.objects.filter(action="job.enqueue", object_id__in=[job.pk for job in started]).count() == 2


def test_brown_fat_and_features_start_for_who_lacks_them(client, cohort, coordinator):
    rows = patients(cohort, 2)
    cases = [make_case(row) for row in rows]
    mask = {"target": Target.BAT, "source": MaskSource.BAT_RULE, "grid": "ct", "geometry": {}, "storage_key": "none"}
    Mask.objects.create(case=cases[0], sha256="0" * 64, voxel_count=1, volume_ml=1.0, **mask)
    Consensus.objects.create(case=cases[1], target=Target.TUMOUR, method="majority", outcome="no_avid_tumour")
    chosen = [str(row.pk) for row in rows]
    assert "1 job started." in told(client, confirm(client, send(client, action="brown_fat", patient=chosen)))
    page = told(client, confirm(client, send(client, action="features", patient=chosen)))
    assert "1 job started." in page and "no consensus yet" in page
    kinds = {job.subject_id: job.kind for job in Job.objects.all()}
    assert Job.objects.filter(subject_id=str(cases[1].pk)).count() == 2 and str(cases[0].pk) not in kinds


def test_nothing_is_done_to_patients_whom_the_person_has_still_to_read(client, cohort):
    rows = patients(cohort, 2, treated_before_pet=True)
    both = make_member(cohort, Role.COORDINATOR, Role.READER)
    Assignment.objects.create(case=make_case(rows[0]), reader=both)
    client.force_login(both, backend="django.contrib.auth.backends.ModelBackend")
    asked = send(client, action="include", everybody="1", query="")
    assert "you have still to read them" in asked.content.decode()
    confirm(client, asked, reason="All.")
    assert Enrolment.objects.get(patient=rows[0]).state == PatientState.EXCLUDED


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"action": "include"}, 400),
        ({"action": "shred", "patient": "x"}, 400),
        ({"action": "include", "patient": "x"}, 400),
    ],
)
def test_a_choice_that_makes_no_sense_is_refused(client, cohort, coordinator, fields, status):
    assert send(client, **fields).status_code == status


def test_an_analyst_starts_jobs_and_includes_nobody(client, cohort):
    (row,) = patients(cohort, 1, treated_before_pet=True)
    client.force_login(make_member(cohort, Role.ANALYST), backend="django.contrib.auth.backends.ModelBackend")
    assert send(client, action="include", patient=str(row.pk)).status_code == 403
    assert send(client, action="brown_fat", patient=str(row.pk)).status_code == 200


@pytest.mark.parametrize("action", ["include", "assign", "consensus", "brown_fat", "features"])
def test_looking_at_what_would_happen_costs_the_same_for_many(
    client, cohort, coordinator, action, django_assert_max_num_queries
):
    for row in patients(cohort, 25, treated_before_pet=True):
        read(make_case(row))
    with django_assert_max_num_queries(26):
        assert send(client, action=action, everybody="1", query="").status_code == 200
