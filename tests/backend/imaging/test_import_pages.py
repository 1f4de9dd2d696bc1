"""The pages of imports and series: what they show, find, page, export, and what they cost."""

import pytest

from backend.audit.models import AuditRecord
from backend.cohorts.models import Role
from backend.imaging.models import ImportedFile, Upload
from backend.imaging.services.receiving import announce_upload
from backend.imaging.services.uploads import start_import
from backend.imaging.services.volumes import add_finding
from tests.factories.people import make_cohort, make_member
from tests.factories.series import make_image_series

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_staging")]


@pytest.fixture
def cohort():
    return make_cohort("trial")


@pytest.fixture
def coordinator(client, cohort):
    person = make_member(cohort, Role.COORDINATOR, username="clara")
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return person


def make_upload(cohort, person, **outcomes: int) -> Upload:
    upload = announce_upload(cohort=cohort, announced=[("a", 1)], actor=person)
    names = [name for name, number in outcomes.items() for _ in range(number)]
    ImportedFile.objects.bulk_create(
        ImportedFile(upload=upload, ordinal=place, outcome=name, reason=f"why {name}", sop_instance_uid="")
        for place, name in enumerate(names, start=1)
    )
    return upload


def page_of(client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_import_page_says_what_happens_and_how_to_begin(client, coordinator):
    page = page_of(client, "/cohorts/trial/import/")
    assert 'data-create-url="/api/v1/cohorts/trial/uploads/"' in page
    assert "manage.py import_dicom --cohort trial" in page and "Nothing was imported into this cohort yet" in page
    assert "De-identified before anything is stored" in page


def test_deliveries_are_listed_with_states_at_constant_cost(client, cohort, coordinator, django_assert_max_num_queries):
    importing = make_upload(cohort, coordinator)
    start_import(upload=importing, actor=coordinator)
    for _ in range(59):
        make_upload(cohort, coordinator, refused=1)
    make_upload(make_cohort("elsewhere"), coordinator, refused=7)
    with django_assert_max_num_queries(10):
        page = page_of(client, "/cohorts/trial/import/")
    assert "1–50 of 60 deliveries" in page and "Receiving files" in page
    waiting = page_of(client, "/cohorts/trial/import/?state=queued")
    assert "1–1 of 1 deliveries" in waiting and f"/uploads/{importing.pk}/discard/" not in waiting
    assert "petra-job" in waiting


def test_a_report_counts_filters_pages_and_exports(client, cohort, coordinator, django_assert_max_num_queries):
    upload = make_upload(cohort, coordinator, stored=120, refused=3, ignored=2)
    address = f"/cohorts/trial/uploads/{upload.pk}/"
    with django_assert_max_num_queries(14):
        page = page_of(client, address)
    assert "1–100 of 125 files" in page
    refused = page_of(client, f"{address}?outcome=refused")
    assert "1–3 of 3 files" in refused and "why refused" in refused
    lines = b"".join(client.get(f"{address}?export=csv&outcome=refused").streaming_content).decode().splitlines()
    assert lines[0] == "file,outcome,reason,sop_instance_uid" and lines[1] == "121,refused,why refused,"
    assert len(lines) == 4 and AuditRecord.objects.filter(action="upload.export").exists()


def test_a_delivery_shows_its_patients_and_the_way_on(client, cohort, coordinator):
    series = make_image_series(cohort)
    upload = make_upload(cohort, coordinator)
    uid = series.instances.first().sop_instance_uid
    ImportedFile.objects.create(upload=upload, ordinal=1, outcome="stored", sop_instance_uid=uid)
    page = page_of(client, f"/cohorts/trial/uploads/{upload.pk}/")
    assert series.study.patient.pseudonym in page and "1 patient on the board" in page


def test_discarding_asks_first_and_says_so(client, cohort, coordinator):
    upload = make_upload(cohort, coordinator)
    assert "data-confirm" in page_of(client, f"/cohorts/trial/uploads/{upload.pk}/")
    answer = client.post(f"/cohorts/trial/uploads/{upload.pk}/discard/", follow=True)
    assert "The delivered files were erased." in answer.content.decode()
    assert "Discarded" in page_of(client, f"/cohorts/trial/uploads/{upload.pk}/")


def test_series_flag_what_is_outside_of_the_papers_acquisition(
    client, cohort, coordinator, django_assert_max_num_queries
):
    assert "No image was imported yet" in page_of(client, "/cohorts/trial/series/")
    dose = {"injected_dose_bq": 370e6, "weight_kg": 50.0, "uptake_time_s": 90 * 60.0}
    for _ in range(30):
        make_image_series(cohort, "PT", acquisition=dose)
    thin = make_image_series(cohort, "CT", slice_thickness_mm=1.25, kvp=120.0)
    usual = make_image_series(cohort, "CT", slice_thickness_mm=3.75, kvp=120.0)
    add_finding(thin.study, code="gap", severity="warning", sentence="Two slices are missing.", series=thin)
    with django_assert_max_num_queries(10):
        page = page_of(client, "/cohorts/trial/series/?modality=PT")
    assert "1–30 of 30 series" in page and "Outside of 3.7–5.55 MBq/kg" in page and "Outside of 55–75 min" in page
    assert "7.40" in page and ">370<" in page
    inside = page_of(client, "/cohorts/trial/series/?acquisition=inside")
    assert usual.study.patient.pseudonym in inside and thin.study.patient.pseudonym not in inside
    found = page_of(client, "/cohorts/trial/series/?findings=with")
    assert "Two slices are missing." in found and "1–1 of 1 series" in found
