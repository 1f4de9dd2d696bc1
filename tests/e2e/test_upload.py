"""A coordinator sends a folder from the browser, watches the import, and reads what became of every file."""

from pathlib import Path

import pytest

from backend.cohorts.models import Role
from backend.imaging.models import Case, Upload
from tests.e2e.conftest import sign_in
from tests.factories.people import make_cohort, make_member
from tests.worker.tasks.conftest import phantom_folder, wait_for_jobs  # noqa: F401 (a fixture)

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def delivery(phantom_folder, tmp_path) -> Path:  # noqa: F811
    """One synthetic patient and a file that is no DICOM, in a folder whose name could be a person's."""
    folder = tmp_path / "Doe^Jane"
    patient = sorted((phantom_folder / "dicom").iterdir())[0]
    folder.mkdir()
    for number, path in enumerate(sorted(path for path in patient.rglob("*") if path.is_file())):
        (folder / f"{number:04d}.dcm").write_bytes(path.read_bytes())
    (folder / "readme.txt").write_text("scanned on a Monday")
    return folder


def test_a_folder_is_sent_imported_and_accounted_for(browser_page, celery_worker_process, delivery):
    cohort = make_cohort("browser")
    make_member(cohort, Role.COORDINATOR, username="clara")
    sign_in(browser_page, "clara")
    browser_page.goto("/cohorts/browser/import/")
    browser_page.locator("input[type=file]").first.set_input_files(delivery)
    count = sum(1 for _ in delivery.iterdir())
    browser_page.get_by_text(f"{count} files").wait_for()
    browser_page.get_by_role("button", name="Upload and import").click()
    browser_page.wait_for_url("**/uploads/*/")
    browser_page.locator("h1 + .petra-heading-status", has_text="Imported").wait_for(timeout=60_000)
    upload = Upload.objects.get()
    assert upload.files.count() == count and upload.source == "browser" and upload.staging_folder == ""
    assert browser_page.get_by_text("The file is not a DICOM instance.").count() == 1
    browser_page.get_by_role("link", name="Ignored").click()
    browser_page.get_by_text("1–1 of 1 files").wait_for()
    wait_for_jobs(cohort.pk)
    browser_page.goto("/cohorts/browser/series/")
    browser_page.get_by_text("2 series").wait_for()
    assert "Doe" not in browser_page.content()
    assert Case.objects.get().patient.cohort == cohort
