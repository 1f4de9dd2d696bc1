"""A patient withdraws: everything goes, from database and disk, and tombstones stay, even where a worker dies."""

import json
import os
import signal

import pytest
from django.apps import apps
from django.core.files.storage import default_storage
from django.db import transaction
from django.urls import reverse

from backend.audit.models import AuditRecord
from backend.audit.services import verify_chain
from backend.cohorts.clinical_records import record_clinical
from backend.cohorts.erasure import KEPT, erasable_models, patient_path, rows_of
from backend.cohorts.models import DatasetMember, EligibilityDecision, Enrolment, Patient, Role, Withdrawal
from backend.cohorts.withdrawal import erase_stored_files, plan_withdrawal, request_withdrawal
from backend.core.errors import Conflict, InvalidInput
from backend.core.storage import files_below, store_bytes
from backend.core.without import without
from backend.experiments.models import Figure
from backend.experiments.staleness import staleness_of
from backend.imaging.models import Upload
from backend.imaging.services.recording import why_refused
from backend.jobs.models import Job, JobKind, JobState
from tests.factories.people import make_cohort, make_member
from tests.factories.results import make_results
from tests.factories.voxel_cases import hand_in, make_assignment, make_voxel_case
from worker.tasks.erase_patient import erase_patient

pytestmark = pytest.mark.django_db


@pytest.fixture
def cohort():
    return make_cohort("study")


@pytest.fixture
def patient(cohort):
    """With images, voxels, a reading, clinical values and a place in a dataset and a figure."""
    case = make_voxel_case(cohort)
    hand_in(make_assignment(case, make_member(cohort, Role.READER)), None)
    patient = case.patient
    record_clinical(patient=patient, values={"age_years": 61.5}, source="form", actor=None, reason="as told")
    store_bytes(b"a file of the patient", folder=f"{cohort.pk}/{patient.pseudonym}/masks")
    return patient


def withdraw(patient, actor=None) -> Job:
    request_withdrawal(patient=patient, reason="asked for it", actor=actor)
    return Job.objects.get(kind=JobKind.ERASE_PATIENT, subject_id=str(patient.pk))


def test_nothing_is_left_but_tombstones(patient, cohort):
    other = make_voxel_case(cohort).patient
    others = {model: len(keys) for model, keys in rows_of(other.pk).items()}
    folder = f"{cohort.pk}/{patient.pseudonym}"
    assert len(rows_of(patient.pk)) >= 8 and files_below(folder) and plan_withdrawal(patient)["stored files"] > 0
    job = withdraw(patient, make_member(cohort, Role.COORDINATOR))
    erase_patient(str(job.pk))
    job.refresh_from_db()
    assert job.state == JobState.SUCCEEDED, job.message
    assert rows_of(patient.pk) == {} and files_below(folder) == []
    assert {model: len(keys) for model, keys in rows_of(other.pk).items()} == others
    withdrawal = Withdrawal.objects.get(patient=patient)
    assert withdrawal.finished_at and withdrawal.erased["stored files"] > 0 and withdrawal.reason == "asked for it"
    assert Enrolment.objects.get(patient=patient).state == "withdrawn"
    assert all(not row["reason"] for one in EligibilityDecision.objects.filter(patient=patient) for row in one.criteria)
    trail = json.dumps(list(AuditRecord.objects.values("before", "after", "reason")))
    assert "61.5" not in trail and "as told" in trail and verify_chain() == []


def test_the_trail_still_tells_who_changes_an_emptied_record_or_its_neighbour(patient):
    erase_patient(str(withdraw(patient).pk))
    emptied = AuditRecord.objects.filter(before={"erased": True}).earliest("id")
    for changes in ({"before": {"forged": 1}}, {"after": {}}):
        with transaction.atomic():
            from backend.cohorts.erasure import allow_erasure

            allow_erasure()
            AuditRecord.objects.filter(pk=emptied.pk).update(**changes)
            assert emptied.pk in verify_chain()
            transaction.set_rollback(True)
    assert verify_chain() == []


def test_results_are_stale_and_the_dataset_keeps_an_empty_row(cohort):
    results = make_results(cohort)
    dataset = results["dataset"]
    patient = dataset.members.first().patient
    figure = Figure.objects.get(pk=results["figure"].pk)
    Figure.objects.filter(pk=figure.pk).update(
        spec={"data": {"values": [{"patient": patient.pseudonym, "x": 1}, {"patient": "PETRA-OTHER", "x": 2}]}}
    )
    key = figure.svg_key
    before = dataset.sha256
    erase_patient(str(withdraw(patient).pk))
    member = DatasetMember.objects.get(dataset_version=dataset, patient=patient)
    assert member.tp53_mutated is None and member.clinical == {} and member.feature_sets == {} and member.withdrawn_at
    dataset.refresh_from_db()
    assert dataset.sha256 == before and any("withdrew" in sentence for sentence in staleness_of(dataset).sentences)
    figure.refresh_from_db()
    assert figure.spec == {"data": {"values": [{"patient": "PETRA-OTHER", "x": 2}]}} and not figure.svg_key
    assert not key or not default_storage.exists(key)


def test_who_withdrew_is_not_taken_in_again(patient, cohort):
    withdraw(patient)
    upload = Upload.objects.create(cohort=cohort, source="command")
    assert "withdrew" in why_refused(upload, patient.pseudonym) and why_refused(upload, "PETRA-NEW") == ""
    with pytest.raises(Conflict):
        record_clinical(patient=patient, values={"age_years": 40.0}, source="form", actor=None)
    with pytest.raises(Conflict):
        request_withdrawal(patient=patient, reason="again", actor=None)
    with pytest.raises(InvalidInput):
        request_withdrawal(patient=make_voxel_case(cohort).patient, reason=" ", actor=None)


def test_work_on_the_patient_is_stopped_before_anything_is_erased(patient, cohort, monkeypatch):
    case = patient.cases.first()
    waiting = Job.objects.create(
        kind=JobKind.PROPOSE_BAT, queue="cpu", cohort_uuid=cohort.pk, subject_type="imaging.case", subject_id=case.pk
    )
    running = Job.objects.create(
        kind=JobKind.EXTRACT_FEATURES, queue="cpu", cohort_uuid=cohort.pk, subject_type="imaging.case",
        subject_id=case.pk, state=JobState.RUNNING, claimed_by="somebody",
    )  # fmt: skip
    monkeypatch.setattr("worker.tasks.erase_patient.PATIENCE_S", 0.5)
    job = withdraw(patient)
    erase_patient(str(job.pk))
    job.refresh_from_db()
    waiting.refresh_from_db(), running.refresh_from_db()
    assert job.state == JobState.FAILED and "still run" in job.message and rows_of(patient.pk)
    assert waiting.state == JobState.CANCELLED and running.cancel_requested_at


@pytest.mark.parametrize("model", erasable_models(), ids=lambda model: model._meta.label_lower)
def test_every_model_of_a_patient_is_erased_or_a_named_tombstone(model):
    assert patient_path(model) and model._meta.label_lower not in KEPT


def test_the_tombstones_are_models_that_there_are():
    assert {model._meta.label_lower for model in apps.get_models()} >= KEPT


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("where", ["erase_everything", "erase_stored_files", "finish_withdrawal"])
def test_a_worker_that_is_killed_in_the_middle_leaves_work_that_the_next_attempt_ends(where):
    """The process is killed before each step; what was committed stands, and the second attempt ends the rest."""
    from django.db import connections

    cohort = make_cohort("killed")
    patient = make_voxel_case(cohort).patient
    job = withdraw(patient)
    connections.close_all()
    child = os.fork()
    if child == 0:
        import worker.tasks.erase_patient as module

        setattr(module, where, lambda *args, **kwargs: os.kill(os.getpid(), signal.SIGKILL))
        module.erase_patient(str(job.pk))
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
    patient = Patient.objects.get(pk=patient.pk)
    assert Withdrawal.objects.get(patient=patient).finished_at is None
    # What the sweep does with a job whose worker's heart has stopped.
    Job.objects.filter(pk=job.pk).update(state=JobState.QUEUED, claimed_by="")
    erase_patient(str(job.pk))
    job.refresh_from_db()
    assert job.state == JobState.SUCCEEDED, job.message
    assert rows_of(patient.pk) == {} and erase_stored_files(patient) == 0 and verify_chain() == []
    assert Withdrawal.objects.get(patient=patient).finished_at


def test_the_page_says_what_goes_and_asks_for_the_pseudonym(client, patient, cohort):
    user = make_member(cohort, Role.COORDINATOR)
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    address = reverse("dashboards:withdraw", kwargs={"slug": cohort.slug, "pseudonym": patient.pseudonym})
    page = client.get(address).content.decode()
    assert "Stored files" in page and "What stays" in page
    wrong = client.post(address, {"reason": "asked", "confirmation": "PETRA-OTHER"})
    assert wrong.status_code == 200 and not Withdrawal.objects.exists()
    assert client.post(address, {"reason": "asked", "confirmation": patient.pseudonym}).status_code == 302
    assert "is being erased" in client.get(address).content.decode()
    shown = client.get(reverse("dashboards:patient", kwargs={"slug": cohort.slug, "pseudonym": patient.pseudonym}))
    assert "asked" in shown.content.decode() and "61.5" not in shown.content.decode()


def test_what_names_a_patient_is_taken_out_of_json_at_any_depth():
    value = {"P1": "x", "rows": [{"patient": "P1", "v": 1}, {"patient": "P2"}], "names": ["P1", "P2"]}
    assert without(value, "P1") == {"rows": [{"patient": "P2"}], "names": ["P2"]}
