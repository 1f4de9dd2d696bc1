"""The audit trail on pages and in files: complete, searchable, whole."""

import csv
import io
import json

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from backend.audit.access_log import record_view
from backend.audit.models import AuditRecord
from backend.audit.services import record_audit
from backend.cohorts.models import Role
from tests.factories.open_readings import give_open_reading
from tests.factories.people import make_cohort, make_member, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def cohort():
    return make_cohort("trial")


@pytest.fixture
def coordinator(client, cohort):
    person = make_member(cohort, Role.COORDINATOR, username="clara")
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return person


def body_of(response) -> str:
    return b"".join(response.streaming_content).decode()


def test_a_coordinator_sees_only_the_own_cohort(client, cohort, coordinator):
    record_audit(action="own.thing", subject=cohort, cohort_uuid=cohort.pk)
    other = make_cohort("elsewhere")
    record_audit(action="other.thing", subject=other, cohort_uuid=other.pk)
    page = client.get("/cohorts/trial/audit/").content.decode()
    assert "own.thing" in page and "other.thing" not in page


def test_filters_and_paging(client, cohort, coordinator, django_assert_max_num_queries):
    for number in range(60):
        record_audit(action="many.times", subject=cohort, cohort_uuid=cohort.pk, reason=f"reason r{number}r")
    with django_assert_max_num_queries(11):
        assert "1–50 of 60 records" in client.get("/cohorts/trial/audit/?action=many.times").content.decode()
    assert "action=many.times&amp;page=2" in client.get("/cohorts/trial/audit/?action=many.times").content.decode()
    assert "1–1 of 1 records" in client.get("/cohorts/trial/audit/?search=many+reason+r59r").content.decode()
    assert "No record matches" in client.get("/cohorts/trial/audit/?until=2001-01-01").content.decode()


def test_exports_are_complete_and_recorded(client, cohort, coordinator):
    record_audit(action="note.add", subject=cohort, cohort_uuid=cohort.pk, reason="=1+1", after={"a": 1})
    rows = list(csv.DictReader(io.StringIO(body_of(client.get("/cohorts/trial/audit/?export=csv&action=note")))))
    assert [row["reason"] for row in rows] == ["'=1+1"]
    records = json.loads(body_of(client.get("/cohorts/trial/audit/?export=json")))
    assert records[0]["action"] == "cohort.audit_export" and records[-1]["action"] == "cohort.create"


def test_a_reader_with_open_readings_sees_no_contents(client, cohort, coordinator):
    values = {"after": {"dice": "0.81"}, "reason": "mutated"}
    record_audit(action="consensus.settle", subject=cohort, cohort_uuid=cohort.pk, **values)
    assert "0.81" in client.get("/cohorts/trial/audit/").content.decode()
    give_open_reading(cohort, coordinator)
    page = client.get("/cohorts/trial/audit/").content.decode()
    assert "consensus.settle" in page and "0.81" not in page
    assert client.get("/cohorts/trial/audit/?export=csv").status_code == 403
    assert "No record matches" in client.get("/cohorts/trial/audit/?search=mutated").content.decode()
    record = client.get("/api/v1/cohorts/trial/audit/?action=consensus").json()["results"][0]
    assert (record["after"], record["reason"]) == ({}, "")


def test_looking_twice_within_minutes_is_one_look_but_each_export_counts(rf, cohort):
    request = rf.get("/")
    request.user, request.cohort = make_user("looker"), cohort
    assert record_view(request, cohort) is not None
    assert record_view(request, cohort) is None
    record_view(request, cohort, action="export")
    record_view(request, cohort, action="export")
    assert AuditRecord.objects.filter(action="cohort.export", actor=request.user, cohort_uuid=cohort.pk).count() == 2


def test_verify_audit_finds_a_changed_record(cohort, capsys):
    record_audit(action="a", subject=cohort)
    record_audit(action="b", subject=cohort)
    call_command("verify_audit")
    assert "whole" in capsys.readouterr().out
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL petra.erasure = 'on'")
        cursor.execute("UPDATE audit_auditrecord SET reason = 'another' WHERE action = 'a'")
    with pytest.raises(CommandError, match="broken at 1 records"):
        call_command("verify_audit")
