"""p53 reads: signed once, corrected by superseding, a second one beside the first; disagreement in words."""

import pytest
from django.db import DatabaseError, transaction

from backend.core.errors import Conflict, InvalidInput
from backend.pathology.discordance import discordance_sentences
from backend.pathology.label_rules import LabelRule, label_by
from backend.pathology.models import IhcRead
from backend.pathology.selectors import current_reads, tp53_labels
from backend.pathology.services.reads import sign_read
from tests.factories.clinical import make_patient
from tests.factories.pathology import OVEREXPRESSED, make_read
from tests.factories.people import make_cohort, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def patient():
    return make_patient(make_cohort())


def sentences(patient) -> list[str]:
    return discordance_sentences(current_reads([patient]).get(patient.pk, []), rule=LabelRule())


def test_a_correction_supersedes_and_the_first_read_stays(patient):
    reader = make_user()
    first = make_read(patient, reader)
    second = make_read(patient, reader, percent_stained=40.0)
    assert second.supersedes == first and [read.pk for read in current_reads([patient])[patient.pk]] == [second.pk]
    assert IhcRead.objects.get(pk=first.pk).percent_stained == 90.0
    with pytest.raises(Conflict):
        make_read(patient, reader, percent_stained=40.0)


def test_a_signed_read_cannot_be_changed_or_removed(patient):
    read = make_read(patient, make_user())
    for change in (lambda: IhcRead.objects.filter(pk=read.pk).update(percent_stained=1), read.delete):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()


def test_two_who_disagree_give_no_label_until_a_third_has_read(patient):
    make_read(patient, make_user())
    assert tp53_labels([patient], rule=LabelRule())[patient.pk].is_provisional
    make_read(patient, make_user(), percent_stained=2.0, pattern="wild_type", intensity="weak")
    assert tp53_labels([patient], rule=LabelRule()) == {}
    assert "a third reads the stain" in sentences(patient)[0]
    assert "The reads lie on both sides of 5 %: 90 % and 2 %." in sentences(patient)
    assert any("different patterns" in sentence for sentence in sentences(patient))
    make_read(patient, make_user(), percent_stained=3.0, pattern="wild_type", intensity="weak")
    label = tp53_labels([patient], rule=LabelRule())[patient.pk]
    assert label.read_count == 3 and label.by_third and not label.mutated and label.percent_stained == 3.0
    assert "the majority counts" in sentences(patient)[0]


def test_a_third_read_is_refused_where_two_agree(patient):
    make_read(patient, make_user())
    make_read(patient, make_user(), percent_stained=85.0)
    with pytest.raises(Conflict, match="settled"):
        make_read(patient, make_user(), percent_stained=80.0)


def test_the_pattern_rule_calls_by_pattern_and_reads_without_one_make_no_label(patient):
    make_read(patient, make_user(), percent_stained=0.0, pattern="null", intensity="none")
    reads = current_reads([patient])[patient.pk]
    assert not label_by(LabelRule(), reads).mutated and label_by(LabelRule(name="pattern"), reads).mutated
    other = make_patient(make_cohort())
    make_read(other, make_user(), pattern="")
    assert tp53_labels([other], rule=LabelRule(name="pattern")) == {}


def test_rule_and_pattern_disagree_both_ways(patient):
    make_read(patient, make_user(), percent_stained=30.0, pattern="wild_type", intensity="weak")
    assert "says mutated, the pattern “Wild-type” says wild-type, because wild-type tumours" in sentences(patient)[0]
    other = make_patient(make_cohort())
    make_read(other, make_user(), percent_stained=0.0, pattern="null", intensity="none")
    assert "says wild-type, the pattern “Null" in sentences(other)[0]


def test_agreement_says_nothing_and_a_missing_control_is_said(patient):
    make_read(patient, make_user())
    assert sentences(patient) == []
    other = make_patient(make_cohort())
    make_read(other, make_user(), internal_control_present=False)
    assert sentences(other) == ["1 of 1 reads found no internal control: the stain may have failed."]


@pytest.mark.parametrize(
    "changes",
    [
        {"pattern": "null", "percent_stained": 0.0, "internal_control_present": None},
        {"pattern": "null", "percent_stained": 0.0, "internal_control_present": False},
        {"percent_stained": 101.0},
        {"percent_stained": -1.0},
        {"pattern": "mutant"},
        {"intensity": "3+"},
    ],
)
def test_a_contradictory_or_impossible_read_is_refused(patient, changes):
    with pytest.raises(InvalidInput):
        sign_read(patient=patient, reader=make_user(), values={**OVEREXPRESSED, **changes})
    assert not IhcRead.objects.exists()
