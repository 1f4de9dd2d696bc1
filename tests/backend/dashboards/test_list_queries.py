"""Every list and board asks the database as often for sixty patients as for ten: nothing grows with a cohort."""

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from backend.cohorts.protocol import ProtocolRules
from backend.cohorts.services import current_protocol
from backend.experiments.services.datasets import collect_candidates, record_dataset
from backend.pathology.selectors import rule_of
from tests.factories.large_cohort import LargeCohort
from worker.compute.splits import Split

pytestmark = pytest.mark.django_db
COORDINATOR, PATHOLOGIST, READER = "coordinator", "pathologist", "reader"
# Page → who opens it, and with which filters; each of these is measured by the benchmark too.
LISTS = {
    "dashboards:board": (COORDINATOR, ("", "?state=included&search=PETRA", "?missing=features", "?ready=consensus")),
    "cases:list": (COORDINATOR, ("", "?stage=to_settle", "?columns=scanner&columns=centre")),
    "annotations:assignments": (COORDINATOR, ("", "?state=submitted", "?columns=outcome&columns=volume_ml")),
    "annotations:give": (COORDINATOR, ("",)),
    "jobs:list": (COORDINATOR, ("", "?search=PETRA")),
    "imaging:series_list": (COORDINATOR, ("", "?modality=PT")),
    "imaging:upload_list": (COORDINATOR, ("",)),
    "results:features": (COORDINATOR, ("", "?source=bat_ct")),
    "results:datasets": (COORDINATOR, ("",)),
    "results:freeze": (COORDINATOR, ("",)),
    "results:summary": (COORDINATOR, ("",)),
    "cohort_audit:list": (COORDINATOR, ("", "?search=clinical")),
    "cohorts:members": (COORDINATOR, ("",)),
    "pathology:worklist": (PATHOLOGIST, ("", "?read=not_me")),
    "annotations:worklist": (READER, ("", "?state=left")),
}
OTHER_LISTS = (("dashboards:board", PATHOLOGIST, ("",)), ("dashboards:board", READER, ("",)))


def addresses(slug: str) -> list[tuple[str, str]]:
    """(who, address) of every list with its filters."""
    named = [(page, who, queries) for page, (who, queries) in LISTS.items()] + list(OTHER_LISTS)
    return [(who, reverse(page, kwargs={"slug": slug}) + query) for page, who, queries in named for query in queries]


def person(large: LargeCohort, who: str):
    return large.readers[0] if who == READER else getattr(large, who)


def freeze(large: LargeCohort) -> None:
    """A dataset of everybody who is ready, the first tenth of them sealed."""
    candidates = collect_candidates(large.cohort)
    names = [member.patient.pseudonym for member in candidates.members]
    test = max(1, len(names) // 10)
    rules = current_protocol(large.cohort).rules
    folds = {name: number % 5 for number, name in enumerate(names[test:])}
    split = Split(test_ids=tuple(names[:test]), fold_by_id=folds, folds=5, seed=rules["split_seed"])
    rule = rule_of(ProtocolRules.from_json(rules)).to_json()
    with transaction.atomic():
        record_dataset(large.cohort, candidates=candidates, split=split, label_rule=rule, warnings=[], actor=None)


def queries_of(client, large: LargeCohort) -> dict[str, int]:
    counts = {}
    for who, address in [*addresses(large.cohort.slug), (COORDINATOR, f"/cohorts/{large.cohort.slug}/datasets/1/")]:
        client.force_login(person(large, who), backend="django.contrib.auth.backends.ModelBackend")
        # The first look at a dataset is recorded in the trail; the second, soon after, is the same look.
        assert client.get(address).status_code == 200, address
        with CaptureQueriesContext(
            connection,
        ) as asked:
            client.get(address)
        counts[f"{who} {address.replace(large.cohort.slug, 'x', 1)}"] = len(asked)
    return counts


def test_no_list_asks_more_often_for_more_patients(client):
    small, large = LargeCohort("tenlarge", 10), LargeCohort("thirtylarge", 60)
    for cohort in (small, large):
        freeze(cohort)
    few, many = queries_of(client, small), queries_of(client, large)
    grown = {page: (few[page], many[page]) for page in few if many[page] > few[page]}
    assert grown == {} and max(many.values()) <= 40, (grown, many)
