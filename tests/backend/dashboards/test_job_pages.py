"""Jobs on pages, in the API and in the terminal: found, live, stopped and repeated, and blind where they must be."""

import asyncio
import json

import pytest
from asgiref.sync import async_to_sync, sync_to_async
from django.core.management import CommandError, call_command
from django.test import AsyncClient

from backend.cohorts.models import Role
from backend.jobs.models import Job, JobKind, JobState
from backend.jobs.services import cancel_job, claim_job, enqueue_job, fail_job, heartbeat
from tests.factories.open_readings import give_open_reading
from tests.factories.people import make_cohort, make_member

MODEL_BACKEND = "django.contrib.auth.backends.ModelBackend"


@pytest.fixture
def cohort(db):
    return make_cohort("trial")


@pytest.fixture
def analyst(client, cohort):
    person = make_member(cohort, Role.ANALYST)
    client.force_login(person, backend=MODEL_BACKEND)
    return person


def make_job(cohort, number: int = 0) -> Job:
    return enqueue_job(
        kind=JobKind.EXTRACT_FEATURES,
        subject=cohort,
        subject_title=f"Case {number}",
        cohort_uuid=cohort.pk,
        parameters={"case": number},
    )


def failed_job(cohort) -> Job:
    claim = claim_job(str(make_job(cohort).pk), worker="worker-1")
    heartbeat(claim, progress=0.4, step="wavelet-LLH", log="read 260 slices")
    fail_job(claim, message="The mask has no voxel.")
    return Job.objects.get(pk=claim.job.pk)


def test_an_empty_list_says_what_to_start(client, analyst):
    page = client.get("/cohorts/trial/jobs/").content.decode()
    assert "No work was started" in page and "import of DICOM" in page


def test_the_list_is_filtered_paged_and_costs_the_same_for_many(client, cohort, analyst, django_assert_max_num_queries):
    for number in range(60):
        make_job(cohort, number)
    failed_job(make_cohort("elsewhere"))
    with django_assert_max_num_queries(11):
        page = client.get("/cohorts/trial/jobs/").content.decode()
    assert "1–50 of 60 jobs" in page
    assert "1–1 of 1 jobs" in client.get("/cohorts/trial/jobs/?search=case+59").content.decode()
    assert "No job matches" in client.get("/cohorts/trial/jobs/?state=failed").content.decode()


def test_a_failed_job_shows_sentence_step_log_and_parameters(client, cohort, analyst):
    page = client.get(f"/cohorts/trial/jobs/{failed_job(cohort).pk}/").content.decode()
    for shown in ("The mask has no voxel.", "wavelet-LLH", "read 260 slices", "worker-1", "Start again"):
        assert shown in page


def test_cancel_and_retry(client, cohort, analyst):
    job = make_job(cohort)
    client.post(f"/cohorts/trial/jobs/{job.pk}/cancel/")
    job.refresh_from_db()
    assert job.state == JobState.CANCELLED
    client.post(f"/cohorts/trial/jobs/{job.pk}/retry/")
    job.refresh_from_db()
    assert job.state == JobState.QUEUED
    assert client.post(f"/cohorts/trial/jobs/{job.pk}/retry/").status_code == 409


def test_work_is_started_from_a_page_and_from_the_api(client, cohort, analyst):
    answer = client.post("/cohorts/trial/jobs/start/", {"kind": "summarise_cohort"})
    job = Job.objects.get()
    assert answer.headers["Location"] == f"/cohorts/trial/jobs/{job.pk}/"
    assert (job.kind, job.subject_id, job.created_by) == ("summarise_cohort", str(cohort.pk), analyst)
    refusals = [
        ({"kind": "summarise_cohort"}, 409, "already queued"),
        ({"kind": "train_classifiers"}, 409, "Freeze a dataset first"),
        ({"kind": "extract_features"}, 409, "Name the case"),
        ({"kind": "extract_features", "subject_id": str(job.pk)}, 404, "nothing of this identifier"),
        ({"kind": "summarise_cohort", "parameters": {"colour": "red"}}, 400, "takes no colour"),
        ({"kind": "import_dicom"}, 400, "cannot be started like this"),
    ]
    for body, status, sentence in refusals:
        answer = client.post("/api/v1/cohorts/trial/jobs/", body, content_type="application/json")
        assert answer.status_code == status and sentence in answer.json()["message"], body


def test_the_api_lists_shows_and_cancels(client, cohort, analyst):
    job = make_job(cohort)
    listed = client.get("/api/v1/cohorts/trial/jobs/?state=queued").json()
    assert [row["id"] for row in listed["results"]] == [str(job.pk)]
    assert client.get(f"/api/v1/cohorts/trial/jobs/{job.pk}/").json()["parameters"] == {"case": 0}
    assert client.post(f"/api/v1/cohorts/trial/jobs/{job.pk}/cancel/").json()["state"] == "cancelled"
    assert client.post(f"/api/v1/cohorts/trial/jobs/{job.pk}/cancel/").status_code == 409


def test_whoever_still_reads_in_the_cohort_sees_no_results_in_job_rows(client, cohort, analyst):
    job = failed_job(cohort)
    give_open_reading(cohort, analyst)
    addresses = ("jobs/", "jobs/states/", f"jobs/{job.pk}/")
    bodies = [client.get(f"/cohorts/trial/{address}").content.decode() for address in addresses]
    bodies += [
        client.get(f"/api/v1/cohorts/trial/{address}").content.decode() for address in ("jobs/", f"jobs/{job.pk}/")
    ]
    for body in bodies:
        assert "no voxel" not in body and "260 slices" not in body and "wavelet" not in body


def test_the_terminal_lists_shows_cancels_and_retries(cohort, capsys):
    job = make_job(cohort)
    call_command("jobs", "list", "--cohort", "trial", "--state", "queued")
    assert str(job.pk) in capsys.readouterr().out
    call_command("jobs", "cancel", str(job.pk))
    call_command("jobs", "retry", str(job.pk))
    call_command("jobs", "show", str(job.pk))
    assert "state queued" in capsys.readouterr().out
    with pytest.raises(CommandError, match="Only a failed or cancelled"):
        call_command("jobs", "retry", str(job.pk))
    with pytest.raises(CommandError, match="no cohort"):
        call_command("jobs", "list", "--cohort", "unknown")


async def next_event(stream) -> tuple[str, object]:
    """The next event with data, within seconds."""
    while True:
        chunk = await asyncio.wait_for(anext(stream), 10)
        lines = (chunk if isinstance(chunk, str) else chunk.decode()).splitlines()
        if lines[0].startswith("event: "):
            return lines[0].removeprefix("event: "), json.loads(lines[1].removeprefix("data: "))


@pytest.mark.django_db(transaction=True)
def test_the_stream_starts_with_the_rows_and_follows_this_cohort_only():
    cohort, elsewhere = make_cohort("trial"), make_cohort("elsewhere")
    person, job = make_member(cohort, Role.COORDINATOR), make_job(cohort)

    async def follow() -> None:
        client = AsyncClient()
        await client.aforce_login(person, backend=MODEL_BACKEND)
        response = await client.get("/cohorts/trial/jobs/events/")
        assert response.headers["X-Accel-Buffering"] == "no"
        assert response.headers["Content-Type"] == "text/event-stream"
        stream = aiter(response.streaming_content)
        name, rows = await next_event(stream)
        assert (name, [row["state"] for row in rows]) == ("jobs", ["queued"])
        await sync_to_async(make_job)(elsewhere)
        await sync_to_async(cancel_job)(job=job, actor=person)
        name, row = await next_event(stream)
        assert (name, row["id"], row["state"]) == ("job", str(job.pk), "cancelled")
        await stream.aclose()

    async_to_sync(follow)()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("change", ["the role is taken away", "the account is closed"])
def test_the_stream_ends_for_who_may_no_longer_see_it(change):
    cohort = make_cohort("trial")
    person, job = make_member(cohort, Role.COORDINATOR), make_job(cohort)

    def turn_away() -> None:
        if change == "the account is closed":
            type(person).objects.filter(pk=person.pk).update(is_active=False)
        else:
            person.memberships.all().delete()
        cancel_job(job=job, actor=None)

    async def follow() -> None:
        client = AsyncClient()
        await client.aforce_login(person, backend=MODEL_BACKEND)
        stream = aiter((await client.get("/cohorts/trial/jobs/events/")).streaming_content)
        await next_event(stream)
        await sync_to_async(turn_away)()
        with pytest.raises(StopAsyncIteration):
            await asyncio.wait_for(next_event(stream), 10)

    async_to_sync(follow)()
