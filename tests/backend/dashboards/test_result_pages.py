"""Pages and API of results: who sees them, what they say when empty, exports, refusals, and their constant cost."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from backend.annotations.models import Assignment
from backend.audit.models import AuditRecord
from backend.cohorts.models import Role
from backend.experiments.models import Experiment, ExperimentKind
from backend.experiments.services.recording import record_models
from backend.jobs.models import Job, JobKind
from tests.factories.feature_cohort import add_read
from tests.factories.people import make_cohort, make_member
from tests.factories.results import make_dataset, make_experiment, make_feature_set, make_results

pytestmark = pytest.mark.django_db

MODEL_BACKEND = "django.contrib.auth.backends.ModelBackend"
PAGES = (
    "pipeline",
    "summary",
    "table-1",
    "datasets",
    "features",
    "models",
    "models/predictions",
    "clusters",
    "statistics",
)


@pytest.fixture
def cohort(db):
    return make_cohort("trial")


@pytest.fixture
def analyst(client, cohort):
    return signed_in(client, cohort, Role.ANALYST)


def signed_in(client, cohort, *roles):
    person = make_member(cohort, *roles)
    client.force_login(person, backend=MODEL_BACKEND)
    return person


def body(response) -> str:
    content = b"".join(response.streaming_content) if response.streaming else response.content
    return content.decode()


def trained_models(cohort, members: int = 3, names: tuple[str, ...] = ("combined", "tumour_ct")) -> Experiment:
    """A training with a metric that is not defined, and predictions of every member."""
    dataset = make_dataset(cohort, [make_feature_set(cohort) for _ in range(members)])
    values = {"accuracy": 0.75, "precision": None, "specificity": 0.5, "recall": 1.0, "f1": 0.8, "auc": 0.9}
    test = {
        **values, "n": 4, "n_positive": 2, "ci95": {"auc": [0.6, 1.0]},
        "undefined": {"precision": "Nobody was called positive."},
    }  # fmt: skip
    entry = {"folds": [{**test, "fold": 0}], "test": test, "cross_validation": {**values, "n": 20}}
    metrics = {"models": dict.fromkeys(names, entry), "baselines": {"logistic_combined": entry}, "warnings": [],
               "skipped": {"bat_ct": "Too few patients have BAT CT features."}}  # fmt: skip
    found = make_experiment(cohort, ExperimentKind.CLASSIFICATION, dataset=dataset, results={"metrics": metrics})
    parts = {True: "test", False: "out_of_fold"}
    predictions = [
        {"patient": member.patient.pseudonym, "probability": 0.25, "partition": parts[member.in_test_set]}
        for member in dataset.members.select_related("patient")
    ]
    record_models(found, {name: {"folds": [], "test": {"n": 4}, "predictions": predictions} for name in names})
    return found


@pytest.mark.parametrize("page", PAGES)
def test_an_empty_page_names_the_job_that_fills_it(client, analyst, page):
    response = client.get(f"/cohorts/trial/{page}/")
    assert response.status_code == 200
    text = response.content.decode()
    assert "</html>" in text
    if page != "pipeline":
        assert "empty-title" in text


@pytest.mark.parametrize("page", PAGES)
def test_a_reader_never_sees_results_and_an_adjudicator_cannot_start_any(client, cohort, page):
    signed_in(client, cohort, Role.READER)
    assert client.get(f"/cohorts/trial/{page}/").status_code == 403
    signed_in(client, cohort, Role.ADJUDICATOR)
    response = client.get(f"/cohorts/trial/{page}/")
    assert response.status_code == 200 and "results/start/" not in response.content.decode()
    assert client.post("/cohorts/trial/results/start/", {"kind": "summarise_cohort"}).status_code == 403


def test_an_analyst_with_a_reading_to_hand_in_sees_no_result_on_any_channel(client, cohort):
    made = make_results(cohort)
    person = signed_in(client, cohort, Role.ANALYST, Role.READER)
    figure, feature_set = made["figure"].pk, made["feature_set"].pk
    addresses = [f"/cohorts/trial/{page}/" for page in PAGES] + [
        "/cohorts/trial/datasets/1/",
        "/cohorts/trial/datasets/freeze/",
        f"/cohorts/trial/figures/{figure}/spec.json",
        f"/cohorts/trial/figures/{figure}/export.csv",
        f"/cohorts/trial/features/{feature_set}/",
        "/api/v1/cohorts/trial/datasets/",
        "/api/v1/cohorts/trial/datasets/1/members/",
        "/api/v1/cohorts/trial/experiments/",
        f"/api/v1/cohorts/trial/experiments/{made['experiment'].pk}/predictions/",
        "/api/v1/cohorts/trial/figures/",
        f"/api/v1/cohorts/trial/features/{feature_set}/",
    ]
    assert {client.get(address).status_code for address in addresses} == {200}
    Assignment.objects.create(case=made["feature_set"].case, reader=person)
    assert {address: client.get(address).status_code for address in addresses} == dict.fromkeys(addresses, 403)
    assert client.post("/cohorts/trial/results/start/", {"kind": "summarise_cohort"}).status_code == 403


def test_who_reads_p53_sees_no_result_as_others_labels_are_in_them(client, cohort):
    summary, models = make_results(cohort), trained_models(cohort)
    signed_in(client, cohort, Role.PATHOLOGIST)
    figures = [summary["figure"].pk, models.figures.get().pk]
    addresses = [f"/cohorts/trial/{page}/" for page in (*PAGES, "datasets/1", "datasets/1/?export=csv")]
    addresses += [
        f"/cohorts/trial/figures/{figure}/{form}" for figure in figures for form in ("spec.json", "export.csv")
    ]
    addresses += [f"/api/v1/cohorts/trial/{name}/" for name in ("datasets", "datasets/1/members", "figures")]
    addresses += [f"/api/v1/cohorts/trial/figures/{figure}/" for figure in figures]
    assert {address: client.get(address).status_code for address in addresses} == dict.fromkeys(addresses, 403)


def test_a_refusal_comes_back_to_the_page_and_a_start_shows_its_job(client, cohort, analyst):
    page = client.post("/cohorts/trial/results/start/", {"kind": "train_classifiers"}, follow=True).content.decode()
    assert "Freeze a dataset first." in page and not Job.objects.exists()
    page = client.post("/cohorts/trial/results/start/", {"kind": "summarise_cohort"}, follow=True).content.decode()
    job = Job.objects.get()
    assert f'data-job-id="{job.pk}"' in page and "data-job-reload-when-over" in page
    page = client.post("/cohorts/trial/results/start/", {"kind": "extract_features"}, follow=True).content.decode()
    assert "nothing to extract" in page
    assert client.post("/cohorts/trial/results/start/", {"kind": "import_dicom"}).status_code == 400
    assert client.post("/cohorts/trial/results/start/", {"kind": "cluster_features", "subject": "7"}).status_code == 400


def test_the_freeze_page_says_who_is_ready_and_who_is_not(client, cohort, analyst):
    ready, waiting = make_feature_set(cohort), make_feature_set(cohort)
    add_read(ready.case.patient, 80.0)
    page = client.get("/cohorts/trial/datasets/freeze/").content.decode()
    assert "Ready: 1 patients" in page and "1 included patient was left out: no p53 read." in page
    assert waiting.case.patient.pseudonym in page
    page = client.post("/cohorts/trial/results/start/", {"kind": "freeze_dataset"}, follow=True).content.decode()
    assert "A dataset needs patients of both TP53 states" in page


def test_a_dataset_is_searched_exported_and_named_by_its_hashes(client, cohort, analyst):
    refused = make_feature_set(cohort, values=None, sha256="", reason="The mask has no voxel.", source="tumour_ct")
    rows = [make_feature_set(cohort), make_feature_set(cohort), refused]
    version = make_dataset(cohort, rows)
    page = client.get("/cohorts/trial/datasets/1/").content.decode()
    assert version.sha256 in page and "The mask has no voxel." in page and "left out: no p53 read" in page
    one = rows[1].case.patient.pseudonym
    found = client.get(f"/cohorts/trial/datasets/1/?search={one}").content.decode()
    assert "1–1 of 1 members" in found
    assert "1–1 of 1 members" in client.get("/cohorts/trial/datasets/1/?part=test").content.decode()
    lines = body(client.get("/cohorts/trial/datasets/1/?export=csv&part=training")).splitlines()
    assert len(lines) == 3 and lines[0].startswith("patient,centre,cancer_type,tp53,partition")
    assert AuditRecord.objects.filter(action="datasetversion.export", actor=analyst).count() == 1
    assert client.get("/cohorts/trial/datasets/9/").status_code == 404


def test_the_models_page_says_what_is_undefined_and_whose_numbers_are_the_papers(client, cohort, analyst):
    trained = trained_models(cohort)
    page = client.get("/cohorts/trial/models/").content.decode()
    assert "research use only" in page and "0.900" in page and "0.600–1.000" in page
    assert 'title="Nobody was called positive."' in page and "undefined" in page
    assert "Too few patients have BAT CT features." in page
    # The paper's accuracy stands in a row of its own, under its name.
    assert "0.862" in page and "the paper's" in page.replace("&#x27;", "'")
    older = trained_models(cohort)
    chosen = client.get(f"/cohorts/trial/models/?experiment={trained.pk}").content.decode()
    assert "Trained on an older dataset" in chosen and str(older.pk) in chosen
    for wrong in ("nothing", str(make_results(make_cohort())["experiment"].pk)):
        assert client.get(f"/cohorts/trial/models/?experiment={wrong}").status_code == 404


def test_predictions_are_listed_and_exported(client, cohort, analyst):
    trained = trained_models(cohort)
    page = client.get("/cohorts/trial/models/predictions/").content.decode()
    assert "research use only" in page and "sealed test" in page and page.count("0.250") == 6
    lines = body(client.get("/cohorts/trial/models/predictions/?export=csv")).splitlines()
    assert len(lines) == 4 and lines[0] == "patient,cancer_type,tp53,partition,tumour_ct,combined"
    address = f"/api/v1/cohorts/trial/experiments/{trained.pk}/predictions/?model_name=combined"
    assert client.get(address).json()["count"] == 3


def test_a_figure_is_drawn_printed_and_downloaded_with_its_data(client, cohort, analyst):
    figure = make_results(cohort)["figure"]
    address = f"/cohorts/trial/figures/{figure.pk}"
    assert client.get(f"{address}/spec.json").json() == figure.spec
    assert body(client.get(f"{address}/export.csv")).splitlines() == ["layer,x,y", "1,1,'=2+3", "1,-2.5,b"]
    magic = {"svg": b"<svg", "pdf": b"%PDF", "png": b"\x89PNG"}
    for form, start in magic.items():
        for _ in range(2):
            response = client.get(f"{address}/export.{form}")
            assert response.content.startswith(start) and f"flow.{form}" in response["Content-Disposition"]
    assert client.get(f"{address}/export.exe").status_code == 404
    assert AuditRecord.objects.filter(action="figure.export").count() == 7


def test_features_are_covered_searched_and_exported(client, cohort, analyst):
    done = make_feature_set(cohort, source="bat_ct", is_unsigned_rule=True)
    make_feature_set(cohort, values=None, sha256="", reason="The mask has no voxel.")
    page = client.get("/cohorts/trial/features/").content.decode()
    assert "1–2 of 2 feature sets" in page and "The mask has no voxel." in page and "unsigned" in page
    assert "1–1 of 1 feature sets" in client.get("/cohorts/trial/features/?state=reason").content.decode()
    assert "No features of automatic ROIs yet" in client.get("/cohorts/trial/features/?roi=automatic").content.decode()
    one = client.get(f"/cohorts/trial/features/{done.pk}/").content.decode()
    assert "no reader has signed it" in one and "1234.57" in one and "-1e-09" in one
    assert "1–1 of 1 features" in client.get(f"/cohorts/trial/features/{done.pk}/?search=GLCM").content.decode()
    lines = body(client.get(f"/cohorts/trial/features/{done.pk}/?export=csv")).splitlines()
    assert lines[1:] == [
        "original_shape_Elongation,0.5",
        "original_glcm_Idm,1234.5678",
        "wavelet-LLH_firstorder_Mean,-1e-09",
    ]
    by_name = client.get(f"/api/v1/cohorts/trial/features/{done.pk}/").json()["values_by_name"]
    assert by_name["original_glcm_Idm"] == 1234.5678
    recipe = client.get(f"/cohorts/trial/features/recipes/{done.recipe_id}/").content.decode()
    assert done.recipe.sha256 in recipe and "bin_width" in recipe


@pytest.mark.parametrize(
    "address",
    [
        "/cohorts/{slug}/datasets/1/",
        "/cohorts/{slug}/datasets/freeze/",
        "/cohorts/{slug}/features/",
        "/cohorts/{slug}/models/predictions/",
        "/cohorts/{slug}/pipeline/",
        "/api/v1/cohorts/{slug}/datasets/1/members/",
        "/api/v1/cohorts/{slug}/features/",
        "/api/v1/cohorts/{slug}/figures/",
    ],
)
def test_lists_cost_the_same_for_three_and_for_thirty(client, address):
    counts = set()
    for size in (3, 30):
        cohort = make_cohort()
        signed_in(client, cohort, Role.ANALYST)
        for member in trained_models(cohort, members=size).dataset_version.members.all():
            add_read(member.patient, 80.0)
        # The first look is written to the audit trail; looking again is not.
        client.get(address.format(slug=cohort.slug))
        with CaptureQueriesContext(connection) as captured:
            assert client.get(address.format(slug=cohort.slug)).status_code == 200
        counts.add(len(captured))
    assert len(counts) == 1, counts


def test_a_summary_says_when_patients_have_changed_since(client, cohort, analyst):
    row = {"variable": "age_years", "level": "median (IQR)", "cells": ["55 (50, 60)", "55 (50, 60)"], "missing": 0}
    tested = {"test": "Mann-Whitney U", "p": 0.0004, "reason": None}
    table = {"groups": ["endometrial", "all"], "sizes": [2, 2], "rows": [{**row, **tested}]}
    results = {"table_one": {"cancer_type": table}, "flow": [], "n": 2}
    made = make_experiment(cohort, ExperimentKind.SUMMARY, results=results)
    page = client.get("/cohorts/trial/summary/").content.decode()
    assert "Up to date" in page and "4.0e-04" in page and "Age at PET/CT (years)" in page and str(made.job_id) in page
    lines = body(client.get("/cohorts/trial/summary/?export=csv")).splitlines()
    assert lines[0] == "Variable,Level,Endometrial (n = 2),All (n = 2),With a value,Missing,SMD,Test,p"
    make_feature_set(cohort)
    assert "Older than the newest patient data" in client.get("/cohorts/trial/summary/").content.decode()
    assert JobKind.SUMMARISE_COHORT in client.get("/cohorts/trial/summary/?by=tp53").content.decode()
