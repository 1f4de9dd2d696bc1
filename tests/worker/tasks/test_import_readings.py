"""Synthetic patients whose three readers drew in another program: RTSTRUCT and SEG in, consensus out."""

import pytest
from django.core.management import call_command

from backend.annotations.models import Consensus, Reading
from backend.cohorts.models import Role
from backend.imaging.models import Case
from tests.factories.people import make_cohort, make_member
from tests.worker.tasks.conftest import import_patient, wait_for_jobs

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


def test_three_readers_from_outside_make_a_consensus_by_themselves(celery_worker_process, phantom_folder, tmp_path):
    cohort = make_cohort()
    patient = sorted((phantom_folder / "masks").iterdir())[0].name
    (tmp_path / "masks").mkdir()
    (tmp_path / "masks" / patient).symlink_to(phantom_folder / "masks" / patient)
    import_patient(cohort, phantom_folder / "dicom" / patient)
    case = Case.objects.get(patient__cohort=cohort)
    for number in (1, 2, 3):
        reader = make_member(cohort, Role.READER, username=f"outside{number}")
        arguments = {"cohort": cohort.slug, "reader": reader.username, "file": f"reader_{number}.*"}
        call_command("import_readings", str(tmp_path / "masks"), **arguments, verbosity=0)
    wait_for_jobs(cohort.pk)

    readings = Reading.objects.filter(case=case, target="tumour")
    assert readings.count() == 3
    assert all(reading.measurement.whole["suv_bw_max"] > 1 for reading in readings.select_related("measurement"))
    consensus = Consensus.objects.get(case=case, target="tumour")
    assert consensus.method == "majority" and consensus.mask.voxel_count > 0
    assert min(pair["dice"] for pair in consensus.agreement["pairs"]) > 0.3
