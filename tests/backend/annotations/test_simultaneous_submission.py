"""The last two readers of a case hand in at the same moment: the consensus starts, once."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from backend.annotations.services.submission import submit_reading
from backend.cohorts.models import Role
from backend.jobs.models import Job, JobKind
from tests.factories.people import make_cohort, make_member
from tests.factories.voxel_cases import hand_in, make_assignment, make_voxel_case

pytestmark = pytest.mark.django_db(transaction=True)


def test_two_readers_who_hand_in_together_start_one_consensus():
    case = make_voxel_case(make_cohort())
    assignments = [make_assignment(case, make_member(case.patient.cohort, Role.READER)) for _ in range(3)]
    hand_in(assignments[0], None)
    together = Barrier(2)

    def submit(assignment) -> None:
        together.wait()
        try:
            submit_reading(assignment=assignment, actor=None, revision_id=None, outcome="no_avid_tumour")
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(submit, assignments[1:]))
    (job,) = Job.objects.filter(kind=JobKind.BUILD_CONSENSUS)
    assert len(job.parameters["readings"]) == 3
