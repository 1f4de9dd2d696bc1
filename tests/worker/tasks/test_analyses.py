"""Every analysis by the real worker, on features put straight into the database."""

import pytest

from backend.cohorts.models import Patient
from backend.core.errors import Conflict
from backend.experiments.figure_files import figure_rows
from backend.experiments.models import Experiment, ExperimentKind, Figure, ModelVersion, Prediction, Run
from backend.experiments.services import requests
from backend.experiments.services.datasets import collect_candidates, enqueue_freeze
from backend.features.models import FeatureSet, Source
from backend.jobs.models import Job, JobKind, JobState
from tests.conftest import wait_until
from tests.factories.feature_cohort import add_read, make_feature_cohort
from tests.worker.tasks.conftest import wait_for_jobs

pytestmark = pytest.mark.django_db(transaction=True)

MODELS = {"tumour_ct", "tumour_pet", "bat_ct", "bat_pet", "combined"}


def freeze(cohort):
    enqueue_freeze(cohort, actor=None)
    wait_for_jobs(cohort.pk)
    return cohort.dataset_versions.order_by("-number").first()


def latest(cohort, kind: ExperimentKind) -> Experiment:
    return requests.latest_experiment(cohort, kind)


@pytest.mark.slow
def test_every_analysis_of_a_frozen_dataset(celery_worker_process):
    cohort = make_feature_cohort(patients=36, effect=3.0)
    dataset = freeze(cohort)
    members = list(dataset.members.select_related("patient"))
    sealed = {member.patient.pseudonym for member in members if member.in_test_set}
    assert len(members) == 36 and 3 <= len(sealed) <= 6
    assert {member.fold for member in members if not member.in_test_set} == set(range(5))
    assert set(Patient.objects.filter(ever_in_test_set=True).values_list("pseudonym", flat=True)) == sealed

    requests.enqueue_classifiers(dataset, actor=None)
    requests.enqueue_statistics(dataset, actor=None)
    requests.enqueue_summary(cohort, actor=None)
    wait_for_jobs(cohort.pk, timeout_s=240)
    check_models(latest(cohort, ExperimentKind.CLASSIFICATION), sealed)
    check_statistics(latest(cohort, ExperimentKind.STATISTICS))
    check_summary(latest(cohort, ExperimentKind.SUMMARY))

    requests.enqueue_clustering(latest(cohort, ExperimentKind.CLASSIFICATION), actor=None)
    wait_for_jobs(cohort.pk)
    check_clusters(latest(cohort, ExperimentKind.CLUSTERING))
    assert not Figure.objects.filter(svg_key="").exists()

    again = freeze(cohort)
    assert again.number == 2
    assert sealed <= {
        member.patient.pseudonym for member in again.members.select_related("patient") if member.in_test_set
    }


def check_models(trained: Experiment, sealed: set[str]) -> None:
    """Five models with a run per fold and one on the sealed test set; a prediction of everybody by each."""
    assert set(trained.results["metrics"]["models"]) == MODELS
    assert trained.results["metrics"]["skipped"] == {}
    for name in MODELS:
        runs = Run.objects.filter(experiment=trained, model_name=name)
        assert runs.filter(fold__isnull=False).count() == 5
        assert runs.get(fold__isnull=True).n == len(sealed)
    combined = Prediction.objects.filter(experiment=trained, model_name="combined").select_related("patient")
    assert {row.patient.pseudonym for row in combined if row.partition == "test"} == sealed
    assert combined.count() == 36
    assert trained.results["metrics"]["models"]["combined"]["cross_validation"]["auc"] > 0.8
    assert set(ModelVersion.objects.filter(experiment=trained).values_list("name", flat=True)) == MODELS
    keys = set(trained.figures.values_list("key", flat=True))
    assert keys == {f"{kind}_{name}" for kind in ("loss", "confusion") for name in MODELS} | {
        "roc", "precision_recall", "calibration", "comparison",
    }  # fmt: skip
    assert all(figure.n for figure in trained.figures.all())


def check_statistics(found: Experiment) -> None:
    """Sixteen panels; the planted difference is found in every source over all cancers."""
    panels = found.results["panels"]
    assert len(panels) == 16 and found.results["n"] == 36
    over_all = {panel["source"]: panel for panel in panels if panel["cancer"] == "all"}
    assert set(over_all) == set(Source.values)
    for panel in over_all.values():
        assert panel["n"] == 36 and panel["significant"] >= 5 and panel["strongest"][0]["q"] < 0.001
    assert found.figures.filter(key="volcano_grid", n=36).exists()


def check_summary(found: Experiment) -> None:
    assert found.results["n"] == 36
    assert found.results["flow"][-1] == {"label": "With a TP53 label", "n": 36}
    assert found.results["table_one"]["cancer_type"]["groups"][-1] == "all"
    assert set(found.figures.values_list("key", flat=True)) == {"flow", "feature_classes"}
    _, rows = figure_rows(found.figures.get(key="feature_classes"))
    assert {342, 456, 14} <= {value for row in rows for value in row if isinstance(value, int)}


def check_clusters(found: Experiment) -> None:
    assert found.based_on == latest(found.cohort, ExperimentKind.CLASSIFICATION)
    assert 2 <= found.results["k"] <= 9 and found.results["n"] == 36
    assert {row["id"] for row in found.results["assignments"]} == {
        patient.pseudonym for patient in Patient.objects.filter(cohort=found.cohort)
    }
    assert found.results["associations"]["tp53"]["p"] < 0.05
    assert {"davies_bouldin", "tsne", "heat_map", "deep_volcano"} <= set(found.figures.values_list("key", flat=True))


def test_what_cannot_be_frozen_is_refused_in_a_sentence(celery_worker_process):
    cohort = make_feature_cohort(patients=2, labels=False)
    with pytest.raises(Conflict, match="0 patients are ready now .2 no p53 read."):
        enqueue_freeze(cohort, actor=None)
    first, second = Patient.objects.filter(cohort=cohort)
    add_read(first, 80.0)
    add_read(second, 80.0)
    with pytest.raises(Conflict, match="of both TP53 states"):
        enqueue_freeze(cohort, actor=None)
    add_read(second, 0.0)
    add_read(second, 0.0)
    job = enqueue_freeze(cohort, actor=None)
    wait_until(lambda: Job.objects.get(pk=job.pk).is_over, timeout_s=60, what="the freeze is over")
    job.refresh_from_db()
    assert job.state == JobState.FAILED and "patients" in job.message and job.message.endswith(".")
    assert not cohort.dataset_versions.exists()


def test_a_changed_feature_set_is_never_trained_on(celery_worker_process):
    cohort = make_feature_cohort(patients=24)
    dataset = freeze(cohort)
    entry = dataset.members.first().feature_sets["tumour_ct"]
    FeatureSet.objects.filter(pk=entry["id"]).update(sha256="0" * 64)
    job = requests.enqueue_statistics(dataset, actor=None)
    wait_until(lambda: Job.objects.get(pk=job.pk).is_over, timeout_s=60, what="the statistics are over")
    job.refresh_from_db()
    assert job.state == JobState.FAILED and "freeze a new version" in job.message
    assert not Job.objects.filter(kind=JobKind.COMPUTE_STATISTICS, state=JobState.SUCCEEDED).exists()


def test_who_is_left_out_of_a_dataset_is_named_with_the_reason(django_assert_max_num_queries):
    cohort = make_feature_cohort(patients=4, labels=False)
    one = Patient.objects.filter(cohort=cohort).first()
    add_read(one, 80.0)
    with django_assert_max_num_queries(10):
        candidates = collect_candidates(cohort)
    assert [member.patient for member in candidates.members] == [one]
    assert candidates.sentences() == ["3 included patients were left out: no p53 read."]
    assert {reason for _, reason in candidates.excluded} == {"no p53 read"}
