"""Freezing: whoever was sealed in a test set once is never trained on, whenever the split was drawn."""

import pytest
from django.db import transaction

from backend.cohorts.models import DatasetVersion
from backend.cohorts.services import meet_patient
from backend.core.errors import Conflict
from backend.experiments.services.datasets import Candidates, record_dataset
from tests.factories.people import make_cohort
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
