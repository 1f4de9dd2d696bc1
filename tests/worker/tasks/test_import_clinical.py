"""Import of clinical tables as a job: whole or not at all, repeatable, and nothing of a person left behind."""

import json
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection

from backend.cohorts.clinical_tables import start_clinical_import
from backend.cohorts.models import ClinicalRecord, Enrolment, Patient
from backend.jobs.models import Job, JobState
from backend.pathology.models import IhcRead
from tests.factories.clinical_tables import table
from tests.factories.people import make_cohort
from tests.worker.compute.clinical.test_table import BROKEN_CELLS
from worker.tasks.import_clinical import import_clinical

pytestmark = pytest.mark.django_db


def run(cohort, content: bytes, *, dry_run: bool = False) -> Job:
    job = start_clinical_import(cohort=cohort, chunks=[content], dry_run=dry_run, actor=None)
    import_clinical(str(job.pk))
    job.refresh_from_db()
    return job


def counts() -> tuple[int, int, int]:
    return Patient.objects.count(), ClinicalRecord.objects.count(), IhcRead.objects.count()


def staged() -> list[Path]:
    return [path for path in (Path(settings.PETRA_DATA_DIR) / "staging" / "clinical").iterdir()]


def test_a_table_becomes_patients_records_reads_and_states():
    cohort = make_cohort()
    job = run(cohort, table({}, {"treated_before_pet": "1"}, {"treated_before_pet": ""}))
    assert job.state == JobState.SUCCEEDED, job.message
    assert counts() == (3, 3, 3) and staged() == []
    assert sorted(Enrolment.objects.values_list("state", flat=True)) == ["excluded", "included", "screened"]
    assert set(Patient.objects.values_list("centre__name", flat=True)) == {"north"}
    assert IhcRead.objects.first().source == "import" and IhcRead.objects.first().reader is None


def test_the_same_table_twice_changes_nothing_and_a_changed_cell_changes_its_patient_alone():
    cohort = make_cohort()
    run(cohort, table({}, {}))
    job = run(cohort, table({}, {}))
    assert counts() == (2, 2, 2) and job.result["changed_records"] == 0 and job.result["p53_reads"] == 0
    run(cohort, table({}, {"grade": "well", "p53_percent_stained": "3"}))
    assert counts() == (2, 3, 3)
    changed = IhcRead.objects.get(supersedes__isnull=False)
    assert changed.percent_stained == 3.0 and changed.supersedes.percent_stained == 90.0


def test_an_empty_cell_or_a_missing_column_keeps_what_is_known():
    cohort = make_cohort()
    run(cohort, table())
    run(cohort, table({"grade": "", "figo_stage": "IV"}, columns=["hospital_number", "grade", "figo_stage"]))
    newest = ClinicalRecord.objects.latest()
    assert (newest.grade, newest.figo_stage, newest.cancer_type) == ("poor", "IV", "ovarian")


def test_a_trial_says_what_would_happen_and_writes_nothing():
    job = run(make_cohort(), table({}, {}), dry_run=True)
    assert counts() == (0, 0, 0) and staged() == []
    assert "2 rows, of them 2 new patients" in job.message and len(job.result["patients"]) == 2


@pytest.mark.parametrize(("column", "cell"), BROKEN_CELLS)
def test_a_broken_cell_imports_nothing(column, cell):
    job = run(make_cohort(), table({}, {column: cell}, {}))
    assert job.state == JobState.FAILED and f"row 3, column {column}" in job.message
    assert counts() == (0, 0, 0) and staged() == []


def test_what_fails_in_the_middle_leaves_nothing_written(monkeypatch):
    def die(*args, **kwargs):
        raise RuntimeError("HN-4711-001 in a foreign message")

    monkeypatch.setattr("worker.tasks.import_clinical.record_imported_reads", die)
    job = run(make_cohort(), table({}, {}))
    assert job.state == JobState.FAILED and counts() == (0, 0, 0) and staged() == []
    assert "HN-4711" not in job.message + job.log


def test_a_table_whose_attempt_is_over_must_be_sent_again():
    job = run(make_cohort(), table({"grade": "G3"}))
    Job.objects.filter(pk=job.pk).update(state=JobState.QUEUED, claimed_by="")
    import_clinical(str(job.pk))
    job.refresh_from_db()
    assert "send it again" in job.message


def test_nothing_of_the_person_stays_in_the_database_or_the_files():
    run(make_cohort(), table({}, {"grade": "G3"}))
    run(make_cohort(), table({}, {}))
    dump = everything_in_the_database()
    assert "PETRA-" in dump, "the dump must hold what was imported"
    for telling in ("HN-4711", "2020-03-01", "2020-03-08", "2020-03-12"):
        assert telling not in dump
        for path in Path(settings.PETRA_DATA_DIR).rglob("*"):
            assert telling not in path.name and not (path.is_file() and telling.encode() in path.read_bytes())


def everything_in_the_database() -> str:
    texts = []
    with connection.cursor() as cursor:
        for name in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT to_jsonb(t)::text FROM "{name}" t')
            texts += [row[0] for row in cursor.fetchall()]
    return json.dumps(texts)


def test_the_command_imports_through_a_worker_and_says_what_is_wrong(tmp_path, monkeypatch, capsys):
    cohort = make_cohort("by-command")
    path = tmp_path / "clinical.csv"
    path.write_bytes(table({}, {}))

    def work(job, **_):
        import_clinical(str(job.pk))
        job.refresh_from_db()
        return job

    monkeypatch.setattr("backend.cohorts.management.commands.import_clinical.wait_for_job", work)
    call_command("import_clinical", str(path), "--cohort", cohort.slug, "--dry-run")
    assert "can be imported as it is" in capsys.readouterr().out and counts() == (0, 0, 0)
    call_command("import_clinical", str(path), "--cohort", cohort.slug)
    assert "2 rows imported" in capsys.readouterr().out and counts() == (2, 2, 2)
    path.write_bytes(table({"grade": "G3"}))
    with pytest.raises(CommandError, match="row 2, column grade"):
        call_command("import_clinical", str(path), "--cohort", cohort.slug)
    with pytest.raises(CommandError, match="no cohort"):
        call_command("import_clinical", str(path), "--cohort", "nowhere")
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("import_clinical", str(tmp_path / "none.csv"), "--cohort", cohort.slug)
