"""Import by the real worker: what arrives is stored once, accounted for, and names nobody."""

import os
import zipfile
from pathlib import Path

import pytest
import redis
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection

from backend.core.errors import InvalidInput
from backend.imaging.models import Case, ImportedFile, Instance, Series, Upload, Volume
from backend.imaging.services.uploads import open_delivery, stage_local_path, staging_root
from tests.factories.people import make_cohort
from tests.worker.tasks.conftest import import_patient

pytestmark = pytest.mark.django_db(transaction=True)


def patient_folder(phantom_folder: Path) -> Path:
    return sorted((phantom_folder / "dicom").iterdir())[0]


def test_import_builds_one_case_and_a_second_delivery_meets_itself(phantom_folder, celery_worker_process):
    cohort, folder = make_cohort(), patient_folder(phantom_folder)
    count = sum(path.is_file() for path in folder.rglob("*"))
    import_patient(cohort, folder)
    assert Case.objects.filter(patient__cohort=cohort).count() == 1
    assert {volume.unit for volume in Volume.objects.all()} == {"HU", "SUVbw"}
    upload = Upload.objects.get()
    assert upload.files.count() == count
    stored = Instance.objects.count()
    import_patient(cohort, folder)
    assert Instance.objects.count() == stored
    assert Case.objects.filter(patient__cohort=cohort).count() == 1
    again = Upload.objects.order_by("-created_at").first()
    outcomes = set(again.files.values_list("outcome", flat=True))
    assert ImportedFile.Outcome.STORED not in outcomes
    assert ImportedFile.Outcome.ALREADY_THERE in outcomes


def test_nothing_identifying_is_kept_anywhere(phantom_folder, celery_worker_process):
    cohort = make_cohort()
    import_patient(cohort, patient_folder(phantom_folder))
    identifiers = (phantom_folder / "fake_identifiers.txt").read_text().splitlines()
    needles = [line.encode() for line in identifiers if len(line) > 5]
    assert needles
    dump = database_text() + broker_bytes() + b"".join(stored_files())
    assert Series.objects.exists() and len(dump) > 100_000
    assert [needle for needle in needles if needle in dump] == []
    assert [path for path in staging_root().rglob("*") if not path.is_dir() or path.is_symlink()] == []


def database_text() -> bytes:
    """Every row of every table as text."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        tables = [row[0] for row in cursor.fetchall()]
        parts = []
        for table in tables:
            cursor.execute(f'SELECT "{table}"::text FROM "{table}"')
            parts += [row[0] for row in cursor.fetchall()]
    return "\n".join(parts).encode()


def broker_bytes() -> bytes:
    """Every key of the broker with its value as the server would move it elsewhere."""
    url = os.environ["REDIS_URL"]
    path = url.removeprefix("redis+socket://").split("?")[0]
    client = redis.Redis(unix_socket_path=path) if url.startswith("redis+socket") else redis.Redis.from_url(url)
    return b"\n".join(key + (client.dump(key) or b"") for key in client.keys("*"))


def stored_files():
    """Contents of the storage; compressed volumes hold voxels only and are read as they are."""
    for path in Path(settings.PETRA_DATA_DIR).rglob("*"):
        if path.is_file():
            yield path.name.encode()
            yield path.read_bytes()


def test_a_zip_that_leads_outside_or_explodes_is_refused(tmp_path):
    cohort = make_cohort()
    hostile = tmp_path / "bomb.zip"
    with zipfile.ZipFile(hostile, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("../../escape.dcm", b"\0" * 50_000_000)
    upload = stage_local_path(cohort=cohort, path=hostile, actor=None)
    with pytest.raises(InvalidInput, match="unreasonable size"):
        open_delivery(upload, tmp_path / "work")
    broken = tmp_path / "broken.zip"
    broken.write_bytes(b"PK\x03\x04 this is no archive")
    upload = stage_local_path(cohort=cohort, path=broken, actor=None)
    with pytest.raises(InvalidInput, match="damaged or encrypted"):
        open_delivery(upload, tmp_path / "work")
    harmless = tmp_path / "harmless.zip"
    with zipfile.ZipFile(harmless, "w") as archive:
        archive.writestr("../../escape.dcm", b"text")
    upload = stage_local_path(cohort=cohort, path=harmless, actor=None)
    unpacked = open_delivery(upload, tmp_path / "work")
    assert [path.name for path in unpacked.iterdir()] == ["0000000"]


def test_a_missing_cohort_or_path_is_one_sentence(tmp_path):
    with pytest.raises(CommandError, match="There is no cohort nobody"):
        call_command("import_dicom", str(tmp_path), cohort="nobody")
    cohort = make_cohort()
    with pytest.raises(CommandError, match="There is no file or folder"):
        call_command("import_dicom", str(tmp_path / "none"), cohort=cohort.slug)
