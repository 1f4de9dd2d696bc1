"""The pathologists' pages: tiles with ETag, counts that only their owner sees, flips, kappa, sequencing, erasure."""

import json

import pytest
from django.urls import reverse

from backend.audit.models import AuditRecord
from backend.cohorts.models import Role
from backend.core.errors import Conflict, InvalidInput
from backend.core.storage import default_storage
from backend.dashboards.selectors.label_rules import compare_rules
from backend.experiments.models import ExperimentKind, Prediction
from backend.jobs.models import Job, JobKind
from backend.pathology.rater_agreement import blinded_pairs, kappa_of, reader_kappas
from backend.pathology.services import erasing
from backend.pathology.services.erasing import erase_photograph, finish_erasing
from backend.pathology.services.sequencing import record_sequencing
from tests.factories.clinical import make_patient
from tests.factories.pathology import make_photograph, make_proposal, make_read
from tests.factories.people import make_cohort, make_member
from tests.factories.results import make_dataset, make_experiment, make_feature_set

pytestmark = pytest.mark.django_db
WILD = {"pattern": "wild_type", "intensity": "weak"}
NULL = {"pattern": "null", "percent_stained": 0.0, "intensity": "none"}


@pytest.fixture
def cohort():
    return make_cohort("desk")


@pytest.fixture
def patient(cohort):
    return make_patient(cohort)


def test_tiles_come_with_an_etag_and_are_refused_once_erased(client, cohort, patient):
    reader = make_member(cohort, Role.PATHOLOGIST)
    photograph = make_photograph(patient, actor=reader)
    client.force_login(reader, backend="django.contrib.auth.backends.ModelBackend")
    where = {"slug": cohort.slug, "photograph_id": photograph.pk}
    assert b'Width="200" Height="100"' in client.get(reverse("pathology:dzi", kwargs=where)).content
    tile = reverse("pathology:tile", kwargs={**where, "level": 8, "column": 0, "row": 0})
    answer = client.get(tile)
    assert answer.status_code == 200 and answer.content[:2] == b"\xff\xd8"
    assert client.get(tile, headers={"If-None-Match": answer["ETag"]}).status_code == 304
    assert client.get(tile.replace("8/0_0", "8/9_0")).status_code == 404
    page = client.post(reverse("pathology:erase", kwargs=where), {"reason": "a label is legible"}, follow=True)
    assert "is erased" in page.content.decode() and client.get(tile).status_code == 404
    assert AuditRecord.objects.get(action="photograph.erase").reason == "a label is legible"


def test_an_erasure_that_dies_after_its_row_is_finished_by_the_sweep(patient, monkeypatch):
    photograph = make_photograph(patient, actor=make_member(patient.cohort, Role.PATHOLOGIST))
    twin = make_photograph(patient, actor=photograph.uploaded_by)
    keys = photograph.file_keys

    def die(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(erasing, "erase", die)
    monkeypatch.setattr(erasing, "_named_elsewhere", lambda *_: False)
    with pytest.raises(KeyboardInterrupt):
        erase_photograph(photograph=photograph, reason="withdrawn", actor=None)
    monkeypatch.undo()
    assert finish_erasing() == 1 and all(default_storage.exists(key) for key in keys)  # the twin still names them
    erase_photograph(photograph=twin, reason="withdrawn", actor=None)
    assert not any(default_storage.exists(key) for key in keys) and finish_erasing() == 0


def test_a_count_is_asked_for_by_polygon_and_seen_by_its_owner_alone(client, cohort, patient):
    anna, boris = make_member(cohort, Role.PATHOLOGIST), make_member(cohort, Role.PATHOLOGIST)
    proposal = make_proposal(make_photograph(patient, actor=anna, stain="p53_ihc"), anna, percent_positive=37.25)
    where = {"slug": cohort.slug, "photograph_id": proposal.photograph_id}
    client.force_login(boris, backend="django.contrib.auth.backends.ModelBackend")
    assert "37.3" not in client.get(reverse("pathology:photograph", kwargs=where)).content.decode()
    outlines = reverse("pathology:outlines", kwargs={**where, "proposal_id": proposal.pk})
    assert client.get(outlines).status_code == 404
    client.force_login(anna, backend="django.contrib.auth.backends.ModelBackend")
    assert "37.3" in client.get(reverse("pathology:photograph", kwargs=where)).content.decode()
    assert client.get(outlines).json()["outlines"][0]["is_positive"]
    ask = reverse("pathology:quantify", kwargs=where)
    send = {"content_type": "application/json"}
    assert client.post(ask, json.dumps({"region_xy": [[0, 0], [1, 1]]}), **send).status_code == 400
    assert client.post(ask, json.dumps({"region_xy": [[0, 0], [900, 0], [9, 9]]}), **send).status_code == 400
    assert client.post(ask, json.dumps({"region_xy": [[0, 0], [90, 0], [9, 9]]}), **send).status_code == 202
    assert Job.objects.get(kind=JobKind.QUANTIFY_IHC).created_by == anna


def test_a_read_keeps_the_count_that_was_seen_beside_what_was_entered(patient):
    anna, boris = make_member(patient.cohort, Role.PATHOLOGIST), make_member(patient.cohort, Role.PATHOLOGIST)
    proposal = make_proposal(make_photograph(patient, actor=anna, stain="p53_ihc"), anna)
    read = make_read(patient, anna, percent_stained=55.0, proposal=proposal)
    assert (read.proposal.percent_positive, read.percent_stained) == (40.0, 55.0)
    assert AuditRecord.objects.get(action="ihc.sign").after["proposed_percent"] == 40.0
    with pytest.raises(InvalidInput, match="another person"):
        make_read(patient, boris, proposal=proposal)


def test_who_flips_both_ways_and_what_it_does_to_the_figures(client, cohort):
    reader = make_member(cohort, Role.PATHOLOGIST)
    sets = [make_feature_set(cohort, values=[1.0, 2.0, 3.0]) for _ in range(3)]
    dataset = make_dataset(cohort, sets)
    weak, null, strong = (one.case.patient for one in sets)
    make_read(weak, reader, percent_stained=30.0, **WILD)
    make_read(null, reader, **NULL)
    make_read(strong, reader)
    experiment = make_experiment(cohort, ExperimentKind.CLASSIFICATION, dataset=dataset)
    for one, probability in ((weak, 0.9), (null, 0.1), (strong, 0.8)):
        Prediction.objects.create(
            experiment=experiment, model_name="combined", patient=one, probability=probability, partition="test"
        )
    found = compare_rules(cohort)
    assert [flip.patient for flip in found.to_wild_type] == [weak]
    assert [flip.patient for flip in found.to_mutated] == [null]
    (model,) = found.models
    assert model.by_percent.accuracy == 1.0 and model.by_pattern.accuracy == pytest.approx(1 / 3)
    client.force_login(make_member(cohort, Role.ANALYST), backend="django.contrib.auth.backends.ModelBackend")
    page = client.get(reverse("pathology:label_rules", kwargs={"slug": cohort.slug})).content.decode()
    assert "0.333" in page and "1–80 %" in page and "mimic null" in page and weak.pseudonym in page
    client.force_login(reader, backend="django.contrib.auth.backends.ModelBackend")
    assert client.get(reverse("pathology:label_rules", kwargs={"slug": cohort.slug})).status_code == 403


def test_kappa_is_that_of_the_blinded_first_reads(cohort):
    from sklearn.metrics import cohen_kappa_score

    anna, boris = make_member(cohort, Role.PATHOLOGIST), make_member(cohort, Role.PATHOLOGIST)
    shares = [(90, 80), (3, 2), (50, 4), (2, 60), (1, 1), (70, 90)]
    for number, (first, second) in enumerate(shares):
        patient = make_patient(cohort, f"PETRA-KAPPA{number}")
        make_read(patient, anna, percent_stained=first)
        make_read(patient, boris, percent_stained=second)
    make_read(patient, boris, percent_stained=1.0)  # a correction after seeing the other's read
    pairs = blinded_pairs(cohort)
    assert [(a.percent_stained, b.percent_stained) for a, b in pairs] == shares
    by_percent, by_pattern, _ = reader_kappas(pairs, percent_above=5.0)
    expected = cohen_kappa_score([a > 5 for a, _ in shares], [b > 5 for _, b in shares])
    assert by_percent.value == pytest.approx(expected) and by_percent.low < expected < by_percent.high
    assert by_pattern.reason and kappa_of("x", []).reason == "Fewer than two pairs."


def test_sequencing_is_recorded_corrected_and_waits_for_the_own_read(client, cohort, patient):
    reader = make_member(cohort, Role.PATHOLOGIST)
    client.force_login(reader, backend="django.contrib.auth.backends.ModelBackend")
    add = reverse("pathology:sequencing", kwargs={"slug": cohort.slug, "pseudonym": patient.pseudonym})
    assert client.post(add, {"outcome": "mutated"}).status_code == 403
    make_read(patient, reader)
    client.post(add, {"outcome": "mutated", "variant": "c.524G>A"})
    result = patient.sequencing_results.get()
    with pytest.raises(Conflict):
        record_sequencing(patient=patient, actor=reader, values={"outcome": "mutated", "variant": "c.524G>A"})
    with pytest.raises(InvalidInput, match="variant"):
        record_sequencing(patient=patient, actor=reader, values={"outcome": "wild_type", "variant": "c.524G>A"})
    corrected = record_sequencing(patient=patient, actor=reader, values={"outcome": "wild_type"})
    assert corrected.supersedes == result
    ((_, cells), _) = compare_rules(cohort).sequencing
    assert cells == [0, 1, 0, 0]
