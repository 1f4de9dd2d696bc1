"""What is sent as a job's parameters is checked before anything is queued."""

import json

import pytest

from backend.cohorts.models import Role
from backend.jobs.models import Job
from tests.factories.people import make_cohort, make_member
from tests.factories.results import make_dataset, make_feature_set

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("kind", "parameters"),
    [
        ("train_classifiers", {"seed": "1; drop table"}),
        ("train_classifiers", {"seed": {"$gt": 0}}),
        ("train_classifiers", {"seed": True}),
        ("train_classifiers", {"seed": -1}),
        ("train_classifiers", {"seed": 2**40}),
        ("train_classifiers", {"epochs": 10**9}),
        ("train_segmenter", {"size": ["paper"]}),
        ("extract_features", {"roi": "../../etc"}),
        ("extract_features", {"roi": {"in": []}}),
    ],
)
def test_a_value_that_the_work_cannot_have_is_refused_in_a_sentence(client, kind, parameters):
    cohort = make_cohort("trial")
    found = make_feature_set(cohort)
    make_dataset(cohort, [found])
    analyst = make_member(cohort, Role.ANALYST)
    client.force_login(analyst, backend="django.contrib.auth.backends.ModelBackend")
    body = {"kind": kind, "parameters": parameters}
    if kind == "extract_features":
        body["subject_id"] = str(found.case_id)
    answer = client.post("/api/v1/cohorts/trial/jobs/", json.dumps(body), content_type="application/json")
    assert answer.status_code in (400, 409) and answer.json()["message"]
    assert not Job.objects.exists()
