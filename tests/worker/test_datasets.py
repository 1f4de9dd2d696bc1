"""The feature table of a frozen dataset, with the readers' ROIs and with the segmenter's."""

import numpy as np
import pytest

from backend.experiments.trainable import analysable_members
from backend.features.models import FeatureSet
from tests.factories.people import make_cohort
from tests.factories.results import make_dataset, make_feature_set
from worker.compute.errors import ComputeError
from worker.datasets import feature_table

pytestmark = pytest.mark.django_db
GRADES = ("well", "poor", "moderate")


@pytest.fixture
def members():
    """Three patients of a dataset, of whom only the first has the grade ``well``."""
    cohort = make_cohort()
    rows = [make_feature_set(cohort) for _ in GRADES]
    found = analysable_members(make_dataset(cohort, rows))
    for member, grade in zip(found, GRADES, strict=True):
        member.clinical = {"grade": grade}
    return found


def segment(member, source: str = "tumour_ct") -> None:
    readers = FeatureSet.objects.get(case_id=member.case_uuid, roi="consensus")
    FeatureSet.objects.create(
        case=readers.case, recipe=readers.recipe, source=source, roi="automatic",
        values=[7.0, 8.0, 9.0], sha256="c" * 64, inputs_sha256=f"{member.pk:064d}",
    )  # fmt: skip


def test_automatic_rois_keep_the_columns_that_the_model_was_trained_on(members):
    segment(members[1]), segment(members[2])
    trained, automatic = feature_table(members), feature_table(members, automatic_roi=True)
    assert automatic.ids == trained.ids[1:]
    assert {k: s.names for k, s in automatic.sources.items()} == {k: s.names for k, s in trained.sources.items()}
    assert automatic.sources["tumour_ct"].values.tolist() == [[7.0, 8.0, 9.0]] * 2


def test_a_readers_features_never_stand_in_for_an_automatic_roi(members):
    segment(members[0], source="tumour_pet"), segment(members[1])
    automatic = feature_table(members, automatic_roi=True)
    assert np.isnan(automatic.sources["tumour_ct"].values[0]).all()
    assert automatic.sources["tumour_pet"].values[0].tolist() == [7.0, 8.0, 9.0]


def test_without_an_automatic_roi_there_is_no_table(members):
    with pytest.raises(ComputeError, match="segment the cases"):
        feature_table(members, automatic_roi=True)
