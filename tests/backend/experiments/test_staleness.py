"""Reopening a consensus, or another recipe, marks everything that stood on it, on pages and in the API."""

import dataclasses

import pytest
from django.test import Client
from django.urls import reverse

from backend.annotations.models import Consensus
from backend.annotations.services.adjudicating import open_adjudication, reopen_consensus, sign_consensus
from backend.annotations.services.consensus import record_consensus
from backend.annotations.services.masks import store_labelmap
from backend.cohorts.models import Role
from backend.cohorts.protocol_versions import new_protocol_version
from backend.cohorts.services import current_rules
from backend.core.errors import Conflict
from backend.experiments.models import ExperimentKind
from backend.experiments.services.recording import record_models
from backend.experiments.staleness import attach_staleness, staleness_of
from backend.features.models import FeatureSet
from backend.features.services.extraction import enqueue_extraction, tumour_roi
from tests.factories.people import make_cohort, make_member
from tests.factories.results import make_dataset, make_experiment, make_feature_set
from tests.factories.voxel_cases import block, draw, hand_in, make_assignment, make_voxel_case

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    """A signed consensus with features, a dataset that froze both, and an experiment on it."""
    cohort = make_cohort()
    case = make_voxel_case(cohort)
    reading = hand_in(make_assignment(case, make_member(cohort, Role.READER)), block(case))
    file = store_labelmap(case, block(case).tobytes(), grid="pet")
    record_consensus(case, target="tumour", method="single", outcome="lesions", readings=[reading], file=file)
    adjudicator = make_member(cohort, Role.ADJUDICATOR, Role.ANALYST)
    assignment = open_adjudication(case=case, actor=adjudicator, roles=frozenset({Role.ADJUDICATOR}))
    signed = sign(assignment, block(case, size=4))
    row = make_feature_set(cohort)
    FeatureSet.objects.filter(pk=row.pk).update(case=case, consensus=signed, mask=signed.mask)
    row = FeatureSet.objects.select_related("case__patient__cohort", "recipe", "consensus", "mask").get(pk=row.pk)
    dataset = make_dataset(cohort, [row])
    experiment = make_experiment(cohort, ExperimentKind.STATISTICS, dataset=dataset, results={"panels": []})
    return assignment, adjudicator, row, dataset, experiment


def sign(assignment, labels, parent=None) -> Consensus:
    mask = draw(assignment, labels, parent=parent)
    return sign_consensus(
        assignment=assignment, actor=assignment.reader, revision_id=mask.pk, outcome="lesions", reason="Seen again"
    )


def fresh(*results):
    """The same rows read again, so that nothing is remembered."""
    return [type(one)._default_manager.get(pk=one.pk) for one in results]


def stale(*results) -> list[str]:
    return ["; ".join(staleness_of(one).sentences) for one in fresh(*results)]


def test_reopening_marks_features_dataset_and_experiment_and_the_same_mask_signed_again_clears_them(world):
    assignment, adjudicator, row, dataset, experiment = world
    assert stale(row, dataset, experiment) == ["", "", ""]
    last = assignment.masks.get()
    reopen_consensus(case=assignment.case, actor=adjudicator, reason="A node was missed")
    of_set, of_dataset, of_experiment, of_member = stale(row, dataset, experiment, dataset.members.get())
    assert of_set.startswith("its consensus was reopened on 20")
    assert of_member.startswith("its consensus was reopened on 20")
    assert of_dataset.startswith("consensus of 1 case was reopened on 20") and of_experiment == of_dataset
    sign(assignment, block(assignment.case, size=4), parent=last)
    assert stale(row, dataset, experiment) == ["", "", ""], "what was frozen is what stands"
    reopen_consensus(case=assignment.case, actor=adjudicator, reason="Once more")
    sign(assignment, block(assignment.case, size=5), parent=assignment.masks.order_by("-created_at").first())
    assert "reopened" in stale(dataset)[0]


def test_every_page_and_the_api_say_so(world):
    assignment, adjudicator, row, dataset, experiment = world
    cohort = dataset.cohort
    trained = make_experiment(
        cohort, ExperimentKind.CLASSIFICATION, dataset=dataset, results={"metrics": {"models": {"combined": {}}}}
    )
    predicted = [{"patient": row.case.patient.pseudonym, "probability": 0.25, "partition": "out_of_fold"}]
    record_models(trained, {"combined": {"folds": [], "test": {"n": 1}, "predictions": predicted}})
    reopen_consensus(case=assignment.case, actor=adjudicator, reason="A node was missed")
    client = Client()
    client.force_login(adjudicator, backend="django.contrib.auth.backends.ModelBackend")
    slug = {"slug": cohort.slug}
    number = {**slug, "number": dataset.number}
    pages = [
        reverse("results:features", kwargs=slug),
        reverse("results:feature_set", kwargs={**slug, "feature_set_id": row.pk}),
        reverse("dashboards:patient", kwargs={**slug, "pseudonym": row.case.patient.pseudonym}),
        reverse("results:predictions", kwargs=slug),
        reverse("results:datasets", kwargs=slug),
        reverse("results:dataset", kwargs=number),
        reverse("results:statistics", kwargs=slug),
        reverse("api:feature_set_list", kwargs=slug),
        reverse("api:feature_set_detail", kwargs={**slug, "feature_set_id": row.pk}),
        reverse("api:dataset_list", kwargs=slug),
        reverse("api:dataset_detail", kwargs=number),
        reverse("api:experiment_list", kwargs=slug),
        reverse("api:experiment_detail", kwargs={**slug, "experiment_id": experiment.pk}),
        reverse("api:figure_list", kwargs=slug),
    ]
    silent = [page for page in pages if "was reopened on" not in client.get(page).content.decode()]
    assert silent == []
    of_row = client.get(reverse("results:predictions", kwargs=slug)).content.decode()
    assert "stale: its consensus was reopened on" in of_row


def test_another_recipe_of_the_protocol_is_stale_too(world):
    _, adjudicator, row, dataset, _ = world
    rules = dataclasses.replace(current_rules(dataset.cohort), ct_bin_width_hu=10.0)
    new_protocol_version(cohort=dataset.cohort, rules=rules, reason="Finer", actor=adjudicator)
    of_set, of_dataset = stale(row, dataset)
    assert "the protocol's recipe changed on" in of_set and "recipe changed for 1 case" in of_dataset


def test_the_number_of_queries_does_not_grow_with_the_rows(world, django_assert_max_num_queries):
    cohort = world[3].cohort
    for _ in range(5):
        make_dataset(cohort, [make_feature_set(cohort)])
    versions = list(cohort.dataset_versions.all())
    with django_assert_max_num_queries(9):
        attach_staleness(versions)
    sets = list(FeatureSet.objects.select_related("case__patient__cohort", "recipe"))
    with django_assert_max_num_queries(7):
        attach_staleness(sets)


def test_an_unsigned_consensus_is_marked_or_refused_as_the_protocol_says(world):
    assignment, adjudicator, row, dataset, _ = world
    case = assignment.case
    assert not row.is_unsigned_consensus
    reopen_consensus(case=case, actor=adjudicator, reason="Look again")
    assert not tumour_roi(case).consensus.is_signed
    rules = dataclasses.replace(current_rules(dataset.cohort), unsigned_consensus_in_features="refused")
    new_protocol_version(cohort=dataset.cohort, rules=rules, reason="Signed only", actor=adjudicator)
    with pytest.raises(Conflict, match="signs it first"):
        enqueue_extraction(case)
