"""Freezing: whoever was sealed in a test set once is never trained on, whenever the split was drawn."""

import pytest
from django.db import transaction

from backend.cohorts.models import DatasetVersion
from backend.cohorts.services import meet_patient
from backend.core.errors import Conflict
from backend.experiments.services.datasets import Candidates, record_dataset
from backend.experiments.services.requests import enqueue_classifiers, enqueue_segmenter
from tests.factories.people import make_cohort
from tests.factories.results import make_dataset, make_feature_set
from worker.compute.splits import Split

pytestmark = pytest.mark.django_db


def test_a_patient_who_was_sealed_after_the_split_was_drawn_is_not_frozen_for_training():
    cohort = make_cohort()
    patient = meet_patient(cohort=cohort, pseudonym="PETRA-SEALED")
    split = Split(test_ids=(), fold_by_id={patient.pseudonym: 0}, folds=5, seed=1)
    patient.ever_in_test_set = True
    patient.save(update_fields=["ever_in_test_set"])
    with pytest.raises(Conflict, match="PETRA-SEALED was sealed"), transaction.atomic():
        record_dataset(
            cohort, candidates=Candidates(members=[], excluded=[]), split=split, label_rule={}, warnings=[], actor=None
        )
    assert not DatasetVersion.objects.exists()


def test_an_older_version_is_not_trained_on_patients_whom_a_later_one_sealed():
    cohort = make_cohort()
    dataset = make_dataset(cohort, [make_feature_set(cohort) for _ in range(3)])
    enqueue_classifiers(dataset, actor=None)
    member = dataset.members.filter(fold__isnull=False).first()
    member.patient.ever_in_test_set = True
    member.patient.save(update_fields=["ever_in_test_set"])
    for enqueue in (enqueue_classifiers, enqueue_segmenter):
        with pytest.raises(Conflict, match="1 patients sealed by a later version"):
            enqueue(dataset, actor=None)
