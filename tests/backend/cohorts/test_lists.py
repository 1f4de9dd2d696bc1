"""Lists: columns and filters in the address, kept views, files that are audited, and a page's constant cost."""

import csv
import io

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from backend.audit.models import AuditRecord
from backend.cohorts.models import Role, SavedView
from backend.core.lists import paging
from backend.core.lists.files import csv_lines
from backend.jobs.models import Job, JobKind
from backend.jobs.services import enqueue_job
from tests.factories.people import make_cohort, make_member

pytestmark = pytest.mark.django_db


@pytest.fixture
def cohort():
    return make_cohort("listed")


@pytest.fixture
def coordinator(client, cohort):
    person = make_member(cohort, Role.COORDINATOR, username="coordinator")
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return person


def queue(cohort, count: int) -> None:
    for number in range(count):
        enqueue_job(kind=JobKind.SUMMARISE_COHORT, subject=cohort, cohort_uuid=cohort.pk, parameters={"number": number})


def jobs_url(cohort, query: str = "") -> str:
    return reverse("jobs:list", kwargs={"slug": cohort.slug}) + query


def content(response) -> bytes:
    assert response.status_code == 200, response.status_code
    return b"".join(response.streaming_content)


def test_the_columns_of_the_address_are_on_the_page_and_no_other(client, cohort, coordinator):
    queue(cohort, 1)
    usual = client.get(jobs_url(cohort)).content.decode()
    chosen = client.get(jobs_url(cohort, "?columns=state&columns=ran_s&columns=nonsense")).content.decode()
    assert "<th>Subject</th>" in usual and "<th>Subject</th>" not in chosen
    assert "<th>Work</th>" in chosen and "<th>State</th>" in chosen


def test_a_file_has_what_the_filters_leave_and_is_recorded_as_an_export(client, cohort, coordinator):
    queue(cohort, 3)
    Job.objects.filter(pk=Job.objects.first().pk).update(state="failed", message="=1+1")
    text = content(client.get(jobs_url(cohort, "?state=failed&export=csv"))).decode()
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["state"] for row in rows] == ["Failed"] and rows[0]["message"] == "'=1+1"
    record = AuditRecord.objects.get(action="cohort.export")
    assert record.actor == coordinator and record.cohort_uuid == cohort.pk
    assert record.after["rows"] == 1 and record.after["list"] == "jobs:list" and "state=failed" in record.after["query"]


def test_a_workbook_holds_the_chosen_columns(client, cohort, coordinator):
    queue(cohort, 2)
    file = content(client.get(jobs_url(cohort, "?columns=state&export=xlsx")))
    rows = list(load_workbook(io.BytesIO(file)).active.values)
    assert rows == [("work", "state"), *[("Summarise cohort", "Queued")] * 2]


def test_an_unknown_form_of_file_is_refused_in_a_sentence(client, cohort, coordinator):
    answer = client.get(jobs_url(cohort, "?export=pdf"))
    assert answer.status_code == 400 and "csv or xlsx" in answer.content.decode()
    assert not AuditRecord.objects.filter(action="cohort.export").exists()


def test_the_first_lines_leave_before_the_last_row_was_asked_for():
    asked: list[int] = []

    def rows():
        for number in range(1000):
            asked.append(number)
            yield [number]

    lines = csv_lines(["n"], rows())
    assert [next(lines), next(lines)] == ["n\r\n", "0\r\n"] and asked == [0]


def keep(client, cohort, **values):
    fields = {"page": "jobs:list", "name": "Failures", "query": "state=failed&page=3&export=csv", **values}
    return client.post(reverse("cohorts:view_save", kwargs={"slug": cohort.slug}), fields)


def test_a_view_is_kept_without_what_belongs_to_one_visit_and_leads_back(client, cohort, coordinator):
    queue(cohort, 1)
    answer = keep(client, cohort)
    assert answer.headers["Location"] == jobs_url(cohort, "?state=failed")
    keep(client, cohort, query="state=queued")
    assert SavedView.objects.get().query == "state=queued"
    assert 'href="?state=queued"' in client.get(jobs_url(cohort)).content.decode()


def test_a_view_is_ones_own_until_it_is_shared(client, cohort, coordinator):
    keep(client, cohort, name="Mine")
    keep(client, cohort, name="Everybody's", is_shared="1")
    analyst = make_member(cohort, Role.ANALYST)
    client.force_login(analyst, backend="django.contrib.auth.backends.ModelBackend")
    page = client.get(jobs_url(cohort)).content.decode()
    assert "Everybody&#x27;s" in page and ">Mine<" not in page
    for name, status in (("Mine", 404), ("Everybody's", 403)):
        view = SavedView.objects.get(name=name)
        url = reverse("cohorts:view_delete", kwargs={"slug": cohort.slug, "view_id": view.pk})
        assert client.post(url).status_code == status, name
    assert SavedView.objects.count() == 2


def test_a_coordinator_deletes_what_others_share(client, cohort, coordinator):
    other = make_member(cohort, Role.ANALYST)
    view = SavedView.objects.create(cohort=cohort, owner=other, page="jobs:list", name="Old", is_shared=True)
    client.post(reverse("cohorts:view_delete", kwargs={"slug": cohort.slug, "view_id": view.pk}))
    assert not SavedView.objects.exists()


@pytest.mark.parametrize(
    "values", [{"name": " "}, {"page": "nowhere:list"}, {"page": "results:datasets", "name": "x" * 61}]
)
def test_a_view_that_cannot_be_kept_is_refused_in_a_sentence(client, cohort, coordinator, values):
    assert keep(client, cohort, **values).status_code == 400
    assert not SavedView.objects.exists()


def test_nobody_keeps_a_view_of_a_list_that_their_roles_do_not_open(client, cohort):
    client.force_login(make_member(cohort, Role.READER), backend="django.contrib.auth.backends.ModelBackend")
    assert keep(client, cohort).status_code == 400


def test_a_list_counts_no_further_than_it_must_and_says_so(client, cohort, coordinator, monkeypatch):
    monkeypatch.setattr(paging, "MOST_COUNTED", 2)
    queue(cohort, 4)
    assert "more than 2 jobs" in client.get(jobs_url(cohort)).content.decode()


@pytest.mark.parametrize("count", [3, 30])
def test_the_number_of_queries_does_not_grow(client, cohort, coordinator, count, django_assert_max_num_queries):
    queue(cohort, count)
    keep(client, cohort, is_shared="1")
    client.get(jobs_url(cohort))
    with django_assert_max_num_queries(14):
        client.get(jobs_url(cohort))
