"""A worker is killed in the middle of an import of clinical values: nothing is written; the next attempt is whole."""

import os
import signal
import subprocess

import pytest
from django.db import connection

from backend.audit.services import verify_chain
from backend.cohorts.clinical_tables import content_of, start_clinical_import
from backend.cohorts.models import ClinicalRecord, ClinicalTable, Enrolment, Patient
from backend.jobs.models import Job, JobState
from backend.pathology.models import IhcRead
from tests.conftest import start_worker, stop_process_group, wait_until
from tests.factories.clinical_tables import table
from tests.factories.people import make_cohort
from worker.tasks.import_clinical import import_clinical

pytestmark = pytest.mark.django_db(transaction=True)
ROWS = 40
# The turn of the audit chain, which an import takes last (backend/audit/services.py).
CHAIN = 7_471_001


def written() -> tuple[int, ...]:
    return tuple(model.objects.count() for model in (Patient, Enrolment, ClinicalRecord, IhcRead))


def waiting_sessions() -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
        return [pid for (pid,) in cursor.fetchall()]


def is_connected(session: int) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE pid = %s", [session])
        return cursor.fetchone()[0] > 0


@pytest.fixture
def worker(tmp_path):
    process = start_worker(database=connection.settings_dict["NAME"], log_path=tmp_path / "worker.log")
    yield process
    stop_process_group(process)


def test_killed_with_every_row_written_and_nothing_committed_it_leaves_nothing(worker: subprocess.Popen):
    cohort = make_cohort("killed")
    job = start_clinical_import(
        cohort=cohort, chunks=[table(*[{} for _ in range(ROWS)])], dry_run=False, actor=None, reason="tried by a test"
    )
    with connection.cursor() as cursor:
        # Every row of the import lies before this turn: the worker stands in the middle of its transaction.
        cursor.execute("SELECT pg_advisory_lock(%s)", [CHAIN])
        try:
            wait_until(waiting_sessions, timeout_s=90, what="the import waits for its turn with its rows written")
            (session,) = waiting_sessions()
            os.killpg(worker.pid, signal.SIGKILL)
            worker.wait(10)
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [CHAIN])
    wait_until(lambda: not is_connected(session), timeout_s=30, what="the database has dropped the killed session")
    assert written() == (0, 0, 0, 0)
    kept = ClinicalTable.objects.get()
    assert content_of(kept), "the table waits for the next attempt"

    # What the sweep does to a job whose heart stopped.
    Job.objects.filter(pk=job.pk).update(state=JobState.QUEUED, claimed_by="")
    import_clinical(str(job.pk))
    job.refresh_from_db()
    assert job.state == JobState.SUCCEEDED, job.message
    assert written() == (ROWS, ROWS, ROWS, ROWS) and verify_chain() == []
