"""From three readers to a consensus, and masks from another program, through the real worker."""

from pathlib import Path

import numpy as np
import pytest
from django.core.management import CommandError, call_command

from backend.annotations.models import Assignment, Consensus, Reading
from backend.annotations.services.masks import read_labelmap
from backend.annotations.services.outside_readings import start_reading_import
from backend.cohorts.models import Role
from backend.cohorts.secrets import pseudonym_secret
from backend.core.errors import InvalidInput
from backend.jobs.models import Job, JobKind, JobState
from tests.conftest import wait_until
from tests.factories.people import make_cohort, make_member
from tests.factories.voxel_cases import block, hand_in, make_assignment, make_voxel_case
from tests.phantoms.small_petct import small_case
from worker.compute.consensus import majority
from worker.compute.deidentify.pseudonyms import Pseudonymiser
from worker.compute.nifti import write_nifti
from worker.compute.types import Volume
from worker.compute.uptake import lesion_uptake

pytestmark = pytest.mark.django_db(transaction=True)
JOBS_S = 60


def wait_for_jobs() -> None:
    wait_until(lambda: not Job.objects.in_flight().exists(), timeout_s=JOBS_S, what="all jobs are over")
    failed = Job.objects.filter(state=JobState.FAILED).values_list("kind", "message")
    assert not failed, list(failed)


def test_three_readers_hand_in_one_after_the_other_and_the_consensus_follows(celery_worker_process):
    case = make_voxel_case(make_cohort())
    drawings = [block(case, first=10), block(case, first=11), block(case, first=11, size=4)]
    for labels in drawings:
        hand_in(make_assignment(case, make_member(case.patient.cohort, Role.READER)), labels)
    wait_for_jobs()

    consensus = Consensus.objects.get(case=case, target="tumour")
    pet = small_case(1)[1]
    expected = majority([Volume(array_zyx=one, geometry=pet.geometry, unit="label") for one in drawings])
    assert consensus.method == "majority" and len(consensus.reading_ids) == 3
    assert read_labelmap(consensus.mask) == expected.mask.array_zyx.tobytes()
    assert len(consensus.agreement["pairs"]) == 3
    first = Reading.objects.select_related("measurement").earliest("created_at")
    uptake = lesion_uptake(pet, Volume(array_zyx=drawings[0], geometry=pet.geometry, unit="label"))
    assert first.measurement.whole["suv_bw_max"] == pytest.approx(uptake.suv_bw_max, rel=1e-6)
    assert first.measurement.whole["total_lesion_glycolysis_g"] == pytest.approx(uptake.total_lesion_glycolysis_g)
    assert [lesion["name"] for lesion in first.measurement.lesions] == ["Primary tumour"]


@pytest.fixture
def outside(tmp_path):
    """A folder as another program leaves it: one patient of the cohort, and one who is unknown here."""
    cohort = make_cohort()
    pseudonym = Pseudonymiser(pseudonym_secret(cohort)).pseudonym("HOSPITAL-1")
    case = make_voxel_case(cohort, pseudonym=pseudonym)
    tumour = small_case(1)[2]
    for hospital_number in ("HOSPITAL-1", "HOSPITAL-2"):
        (tmp_path / hospital_number).mkdir()
        write_nifti(tumour, tmp_path / hospital_number / "reader_1.nii.gz")
        write_nifti(tumour, tmp_path / hospital_number / "truth.nii.gz")
    return case, make_member(cohort, Role.READER, username="outside-reader"), tmp_path


def test_masks_from_another_program_become_readings_under_the_pseudonym(celery_worker_process, outside):
    case, reader, folder = outside
    slug = case.patient.cohort.slug
    call_command("import_readings", str(folder), cohort=slug, reader=reader.username, file="reader_1.*", verbosity=0)
    reading = Reading.objects.get()
    assert (reading.case, reading.reader, reading.mask.source) == (case, reader, "imported")
    drawn = np.frombuffer(read_labelmap(reading.mask), np.uint8)
    assert np.array_equal(drawn > 0, small_case(1)[2].array_zyx.ravel() > 0)
    assert reading.measurement.whole["voxel_count"] == np.count_nonzero(drawn)
    job = Job.objects.get(kind=JobKind.IMPORT_READINGS)
    assert "1 readings" in job.message and "1 folders belong to no case" in job.message
    kept = f"{job.message}{job.parameters}{job.inputs}{job.log}{Reading.objects.values().get()}"
    assert "HOSPITAL" not in kept, "a hospital number stays outside"

    call_command("import_readings", str(folder), cohort=slug, reader=reader.username, file="reader_1.*", verbosity=0)
    assert Reading.objects.count() == 1 and Assignment.objects.count() == 1, "a second import changes nothing"


def test_a_folder_that_is_ambiguous_or_a_person_who_does_not_read_is_refused(celery_worker_process, outside):
    case, reader, folder = outside
    slug = case.patient.cohort.slug
    with pytest.raises(CommandError, match="say which file is meant"):
        call_command("import_readings", str(folder), cohort=slug, reader=reader.username)
    with pytest.raises(CommandError, match="no person nobody"):
        call_command("import_readings", str(folder), cohort=slug, reader="nobody")
    analyst = make_member(case.patient.cohort, Role.ANALYST)
    with pytest.raises(InvalidInput, match="is not a reader"):
        start_reading_import(cohort=case.patient.cohort, reader=analyst, path=folder, pattern="*", actor=None)
    with pytest.raises(InvalidInput, match="no folder"):
        start_reading_import(cohort=case.patient.cohort, reader=reader, path=Path("/nowhere"), pattern="*", actor=None)
