"""The upload's API as the browser and a script use it: announce, send in pieces, ask, go on, finish, discard."""

import json

import pytest
from django.test import Client
from rest_framework.authtoken.models import Token

from backend.cohorts.models import Role
from backend.imaging.models import ImportedFile, Upload
from backend.imaging.services.uploads import staging_root
from backend.jobs.models import Job
from tests.factories.people import make_cohort, make_member
from tests.factories.series import make_image_series

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_staging")]
RAW = "application/octet-stream"
UPLOADS = "/api/v1/cohorts/trial/uploads/"


@pytest.fixture
def cohort():
    return make_cohort("trial")


@pytest.fixture
def coordinator(client, cohort):
    person = make_member(cohort, Role.COORDINATOR)
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return person


def announce(client: Client, files: dict[str, int], **headers) -> dict:
    body = json.dumps({"files": [{"path": path, "size": size} for path, size in files.items()]})
    answer = client.post(UPLOADS, body, content_type="application/json", **headers)
    assert answer.status_code == 201, answer.content
    return answer.json()


def test_a_delivery_in_pieces_resumed_and_finished(client, coordinator):
    created = announce(client, {"Doe^Jane/1.dcm": 6, "Doe^Jane/2.dcm": 3})
    first = f"{created['chunk_url']}?file=0"
    assert client.put(f"{first}&offset=0", b"abcd", content_type=RAW).json() == {"received": 4}
    assert client.get(first).json() == {"received": 4}
    wrong = client.put(f"{first}&offset=5", b"ef", content_type=RAW)
    assert wrong.status_code == 409 and "holds 4 bytes" in wrong.json()["message"]
    assert client.put(f"{first}&offset=4", b"ef", content_type=RAW).json() == {"received": 6}
    finished = client.post(created["finish_url"])
    assert finished.status_code == 202
    assert finished.json()["job_url"] == f"/cohorts/trial/uploads/{created['upload_id']}/"
    assert Job.objects.get(pk=finished.json()["job_id"]).created_by == coordinator
    assert client.put(f"{first}&offset=6", b"x", content_type=RAW).status_code == 409


def test_what_is_wrong_is_one_sentence(client, coordinator):
    created = announce(client, {"a": 10})
    chunk = created["chunk_url"]
    cases = {
        f"{chunk}?offset=0": "place in the announced list is a whole number",
        f"{chunk}?file=Doe^Jane&offset=0": "place in the announced list is a whole number",
        f"{chunk}?file=0&offset=x": "offset in bytes is a whole number",
        f"{chunk}?file=1&offset=0": "was not announced",
    }
    for address, sentence in cases.items():
        answer = client.put(address, b"x", content_type=RAW)
        assert answer.status_code == 400 and sentence in answer.json()["message"]
    large = client.put(f"{chunk}?file=0&offset=0", bytes(8 * 1024**2 + 1), content_type=RAW)
    assert large.status_code == 400 and "at most 8 MiB" in large.json()["message"]
    assert client.post(UPLOADS, "{}", content_type="application/json").status_code == 400


def test_another_coordinator_cannot_add_to_it_but_can_discard_it(client, cohort, coordinator):
    created = announce(client, {"a": 1})
    other = Client()
    other.force_login(make_member(cohort, Role.COORDINATOR), backend="django.contrib.auth.backends.ModelBackend")
    assert other.put(f"{created['chunk_url']}?file=0&offset=0", b"x", content_type=RAW).status_code == 404
    assert other.post(created["finish_url"]).status_code == 404
    assert other.delete(f"{UPLOADS}{created['upload_id']}/").status_code == 204
    assert not (staging_root() / created["upload_id"]).exists()


def test_a_token_works_without_a_session_and_a_session_needs_the_csrf_token(cohort, coordinator):
    token = {"HTTP_AUTHORIZATION": f"Token {Token.objects.create(user=coordinator).key}"}
    script = Client(enforce_csrf_checks=True)
    created = announce(script, {"a": 1}, **token)
    assert Upload.objects.get().source == "api"
    assert script.put(f"{created['chunk_url']}?file=0&offset=0", b"x", content_type=RAW, **token).status_code == 200
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(coordinator, backend="django.contrib.auth.backends.ModelBackend")
    assert browser.put(f"{created['chunk_url']}?file=0&offset=0", b"x", content_type=RAW).status_code == 403
    assert browser.post(created["finish_url"]).status_code == 403


def test_deliveries_and_their_files_are_listed_at_constant_cost(client, coordinator, django_assert_max_num_queries):
    for _ in range(30):
        created = announce(client, {"a": 1})
    files = [ImportedFile(upload_id=created["upload_id"], ordinal=n, outcome="refused", reason="r") for n in (1, 2)]
    ImportedFile.objects.bulk_create(files)
    with django_assert_max_num_queries(8):
        listed = client.get(UPLOADS).json()
    assert listed["count"] == 30 and listed["results"][0]["outcomes"]["refused"] == 2
    detail = client.get(f"{UPLOADS}{created['upload_id']}/").json()
    assert detail["state"] == "receiving" and detail["job_id"] is None
    report = client.get(f"{UPLOADS}{created['upload_id']}/files/?outcome=refused").json()
    assert [row["ordinal"] for row in report["results"]] == [1, 2]


def test_series_say_how_they_were_taken_and_regions_are_not_among_them(client, cohort, django_assert_max_num_queries):
    client.force_login(make_member(cohort, Role.ANALYST), backend="django.contrib.auth.backends.ModelBackend")
    ct = make_image_series(cohort, slice_thickness_mm=3.75, kvp=100.0)
    dose = {"injected_dose_bq": 370e6, "weight_kg": 50.0, "uptake_time_s": 3600.0}
    for _ in range(20):
        pet = make_image_series(cohort, "PT", acquisition=dose)
    make_image_series(cohort, "RTSTRUCT")
    with django_assert_max_num_queries(7):
        listed = client.get("/api/v1/cohorts/trial/series/").json()
    assert listed["count"] == 21
    outside = client.get("/api/v1/cohorts/trial/series/?modality=CT&acquisition=outside").json()["results"]
    assert [row["outside_of_paper"] for row in outside] == [{"kvp": outside[0]["outside_of_paper"]["kvp"]}]
    shown = client.get(f"/api/v1/cohorts/trial/series/{pet.pk}/").json()
    assert (shown["dose_mbq"], shown["activity_mbq_per_kg"], shown["uptake_minutes"]) == (370.0, 7.4, 60.0)
    assert set(shown["outside_of_paper"]) == {"activity_mbq_per_kg"}
    study = client.get(f"/api/v1/cohorts/trial/studies/{ct.study_id}/").json()
    assert study["series_count"] == 1 and study["patient"] == ct.study.patient.pseudonym
