"""A synthetic cohort's table and images by the real worker: one patient each, nobody named, the table erased."""

import csv

import pytest

from backend.cohorts.clinical_tables import start_clinical_import
from backend.cohorts.models import ClinicalRecord, Enrolment, Patient
from backend.core.staging import staged_names
from backend.imaging.models import ImagingStudy
from backend.pathology.models import IhcRead
from tests.factories.people import make_cohort
from tests.worker.tasks.conftest import import_patient, wait_for_jobs
from tests.worker.tasks.test_import_dicom import broker_bytes, database_text, patient_folder, stored_files

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_table_finds_the_patients_of_the_images(phantom_folder, celery_worker_process):
    cohort = make_cohort()
    import_patient(cohort, patient_folder(phantom_folder))
    table = phantom_folder / "clinical.csv"
    start_clinical_import(cohort=cohort, chunks=[table.read_bytes()], dry_run=False, actor=None)
    wait_for_jobs(cohort.pk)
    with table.open(newline="") as handle:
        rows = list(csv.DictReader(handle))
    assert Patient.objects.count() == ClinicalRecord.objects.count() == IhcRead.objects.count() == len(rows)
    study = ImagingStudy.objects.get()
    record = ClinicalRecord.objects.get(patient=study.patient)
    assert record.pet_date == study.study_date, "images and table are shifted by the same number of days"
    states = set(Enrolment.objects.values_list("state", flat=True))
    assert states == {"included", "excluded"}, "the synthetic cohort plants exclusions"
    identifiers = (phantom_folder / "fake_identifiers.txt").read_text().splitlines()
    needles = {line.encode() for line in identifiers if len(line) > 5} | {
        row["hospital_number"].encode() for row in rows
    }
    dump = database_text() + broker_bytes() + b"".join(stored_files())
    assert [needle for needle in needles if needle in dump] == []
    assert staged_names(area="clinical", older_than_s=-1) == []
