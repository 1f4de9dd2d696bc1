"""Who has which case open: beats, silence, idleness, and what a coordinator who also reads is not shown."""

import asyncio
import json
from datetime import timedelta

import pytest
from django.test import AsyncClient
from django.urls import reverse
from django.utils import timezone

from backend.annotations.models import Presence
from backend.annotations.services.presence import end_presence, record_heartbeat
from backend.annotations.team import team_snapshot
from backend.cohorts.models import Role
from tests.backend.annotations.test_assigning import signed_in
from tests.factories.people import make_cohort, make_member
from tests.factories.voxel_cases import make_assignment, make_voxel_case


@pytest.fixture
def assignment(db):
    cohort = make_cohort()
    return make_assignment(make_voxel_case(cohort), make_member(cohort, Role.READER, username="rita"))


@pytest.fixture
def cora(assignment):
    return make_member(assignment.case.patient.cohort, Role.COORDINATOR, username="cora")


def here(cora, assignment) -> list[dict]:
    return team_snapshot(cora, assignment.case.patient.cohort)["here"]


def ago(seconds: float):
    return timezone.now() - timedelta(seconds=seconds)


def test_a_reader_is_there_while_the_page_beats_and_gone_after_silence_or_a_goodbye(assignment, cora):
    assert here(cora, assignment) == []
    record_heartbeat(assignment, is_active=True, now=ago(300))
    assert here(cora, assignment) == [], "five minutes of silence"
    record_heartbeat(assignment, is_active=True)
    (row,) = here(cora, assignment)
    assert (row["reader"], row["pseudonym"], row["minutes"]) == ("rita", assignment.case.patient.pseudonym, 0)
    end_presence(assignment)
    assert here(cora, assignment) == []


def test_beats_without_a_hand_moving_are_idle(assignment, cora):
    for seconds in range(240, -1, -40):
        record_heartbeat(assignment, is_active=seconds > 150, now=ago(seconds))
    (row,) = here(cora, assignment)
    assert row["is_idle"] and row["idle_minutes"] == 2 and row["minutes"] == 4
    record_heartbeat(assignment, is_active=True)
    assert not here(cora, assignment)[0]["is_idle"]


def test_a_coordinator_who_still_reads_the_case_is_not_told_who_else_is_at_it(assignment, cora):
    record_heartbeat(assignment, is_active=True)
    make_assignment(assignment.case, cora)
    snapshot = team_snapshot(cora, assignment.case.patient.cohort)
    assert snapshot["here"] == [] and {row["reader"] for row in snapshot["progress"]} == {"cora"}


def test_only_the_reader_beats_and_only_for_their_own(assignment, cora):
    url = reverse(
        "annotations:presence",
        kwargs={"slug": assignment.case.patient.cohort.slug, "assignment_id": assignment.pk},
    )
    beat = {"data": json.dumps({"active": True}), "content_type": "application/json"}
    other = make_member(assignment.case.patient.cohort, Role.READER)
    assert signed_in(cora).post(url, **beat).status_code == 403
    assert signed_in(other).post(url, **beat).status_code == 404
    assert signed_in(assignment.reader).post(url, **beat).status_code == 200 and Presence.objects.count() == 1
    assert signed_in(assignment.reader).post(url, "{", content_type="application/json").status_code == 400


def test_the_page_costs_the_same_for_1_and_for_20_readers(assignment, cora, django_assert_max_num_queries):
    url = reverse("annotations:team", kwargs={"slug": assignment.case.patient.cohort.slug})
    client = signed_in(cora)
    record_heartbeat(assignment, is_active=True)
    client.get(url)
    with django_assert_max_num_queries(20) as few:
        assert "rita" in client.get(url).content.decode()
    for number in range(19):
        reader = make_member(assignment.case.patient.cohort, Role.READER, username=f"reader-{number:02d}")
        record_heartbeat(make_assignment(assignment.case, reader), is_active=True)
    with django_assert_max_num_queries(len(few)):
        assert "reader-18" in client.get(url).content.decode()


@pytest.mark.django_db(transaction=True)
def test_the_stream_tells_of_a_beat_at_once_and_ends_with_the_role(assignment, cora):
    from asgiref.sync import sync_to_async

    cohort = assignment.case.patient.cohort

    async def follow() -> list[dict]:
        client = AsyncClient()
        await client.aforce_login(cora, backend="django.contrib.auth.backends.ModelBackend")
        answer = await client.get(reverse("annotations:team_events", kwargs={"slug": cohort.slug}))
        stream, seen = aiter(answer.streaming_content), []

        async def newest() -> dict:
            while True:
                part = (await asyncio.wait_for(anext(stream), 10)).decode()
                if part.startswith("event: team"):
                    return json.loads(part.partition("data: ")[2])

        seen.append(await newest())
        waiting = asyncio.ensure_future(newest())
        await asyncio.sleep(0.2)
        await sync_to_async(record_heartbeat)(assignment, is_active=True)
        seen.append(await waiting)
        await sync_to_async(cora.memberships.all().delete)()
        ending = asyncio.ensure_future(anext(stream, b"over"))
        await asyncio.sleep(0.2)
        await sync_to_async(record_heartbeat)(assignment, is_active=True)
        assert await asyncio.wait_for(ending, 10) == b"over"
        return seen

    first, second = asyncio.run(follow())
    assert first["here"] == [] and [row["reader"] for row in second["here"]] == ["rita"]
    assert "mask" not in json.dumps(second)
