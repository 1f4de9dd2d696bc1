"""Three readers of three cases through the real worker: consensus, agreement of the cohort, and the page of it."""

import json

import pytest
from django.test import Client
from django.urls import reverse

from backend.annotations.adjudication import newest_automatic
from backend.annotations.models import Consensus, ConsensusMeasurement
from backend.annotations.selectors import current_consensus
from backend.annotations.services.adjudicating import open_adjudication, sign_consensus
from backend.annotations.services.masks import read_labelmap
from backend.cohorts.models import Role
from backend.experiments.models import Experiment, ExperimentKind
from backend.experiments.services.pipeline import start_agreement, start_measurement
from backend.jobs.models import JobKind
from tests.factories.people import make_cohort, make_member
from tests.factories.voxel_cases import block, draw, hand_in, make_assignment, make_voxel_case
from tests.worker.tasks.conftest import wait_for_jobs

pytestmark = pytest.mark.django_db(transaction=True)


def read(case, readers, drawings, **values) -> None:
    for reader, labels in zip(readers, drawings, strict=True):
        hand_in(make_assignment(case, reader), labels, **values)


def client_of(user) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_from_three_readers_to_the_cohorts_agreement(celery_worker_process):
    cohort = make_cohort()
    readers = [make_member(cohort, Role.READER, username=f"reader{n}") for n in range(3)]
    alike, apart, nowhere = (make_voxel_case(cohort) for _ in range(3))
    read(alike, readers, [block(alike), block(alike), block(alike, size=4)])
    read(apart, readers, [block(apart, first=4), block(apart, first=12), block(apart, first=20)])
    read(nowhere, readers, [None, None, block(nowhere)])
    wait_for_jobs(cohort.pk)

    automatic = newest_automatic(alike)
    assert automatic.majority == automatic.mask and automatic.staple and automatic.disagreement
    votes = read_labelmap(automatic.disagreement)
    assert (votes.count(1), votes.count(2)) == (64 - 27, 0)
    pair = automatic.agreement["pairs"][-1]
    assert pair["dice"] == pytest.approx(2 * 27 / (27 + 64)) and pair["volume_difference_percent"] < 0
    assert 0 < automatic.agreement["fleiss"]["kappa"] < 1
    undecided = newest_automatic(apart)
    assert undecided.mask is None and undecided.outcome == "lesions" and undecided.disagreement
    settled = newest_automatic(nowhere)
    assert settled.outcome == "no_avid_tumour" and settled.mask is None and settled.disagreement

    analyst = make_member(cohort, Role.ANALYST, Role.ADJUDICATOR)
    _sign(alike, analyst)
    wait_for_jobs(cohort.pk)
    ConsensusMeasurement.objects.all().delete()
    assert [job.kind for job in start_measurement(cohort) + start_agreement(cohort)] == [
        JobKind.MEASURE_CONSENSUS,
        JobKind.SUMMARISE_AGREEMENT,
    ]
    wait_for_jobs(cohort.pk)
    assert start_measurement(cohort) + start_agreement(cohort) == [], "nothing has changed since"
    signed = Consensus.objects.select_related("measurement").get(pk=current_consensus(alike, "tumour").pk)
    assert signed.is_signed and signed.uptake["voxel_count"] == 27
    results = Experiment.objects.get(kind=ExperimentKind.AGREEMENT).results
    json.dumps(results, allow_nan=False)
    order = [row["case"] for row in results["cases"]]
    assert order[0] in (str(apart.pk), str(nowhere.pk)) and order[-1] == str(alike.pk)
    assert results["counts"]["outcomes_differ"] == 1
    volume, suv_bw_max = results["measures"]
    assert volume["cases"] == 3 and suv_bw_max["cases"] == 2
    assert suv_bw_max["left_out"] == {"no avid tumour for a reader, so no SUVmax": 1}

    address = reverse("results:agreement", kwargs={"slug": cohort.slug})
    page = client_of(analyst).get(address).content.decode()
    assert page.index(apart.patient.pseudonym) < page.index(alike.patient.pseudonym)
    assert "depends on that background" in page and "Bland" not in page and "Volume: " in page
    filtered = client_of(analyst).get(address, {"show": "outcomes"}).content.decode()
    assert nowhere.patient.pseudonym in filtered and apart.patient.pseudonym not in filtered
    exported = b"".join(client_of(analyst).get(address, {"export": "csv"})).decode()
    assert len(exported.splitlines()) == 4
    make_assignment(make_voxel_case(cohort), analyst)
    assert client_of(analyst).get(address).status_code == 403, "who still reads sees nothing of the cohort's agreement"
    assert client_of(readers[0]).get(address).status_code == 403


def _sign(case, adjudicator) -> None:
    assignment = open_adjudication(case=case, actor=adjudicator, roles=frozenset({Role.ADJUDICATOR}))
    mask = draw(assignment, block(case))
    consensus = sign_consensus(assignment=assignment, actor=adjudicator, revision_id=mask.pk, outcome="lesions")
    assert not consensus.differs_from_automatic
