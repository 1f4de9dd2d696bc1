"""What is never changed is guarded by the database: against updates, deletions and what would cascade to it."""

import pytest
from django.db import DatabaseError, connection, transaction

from backend.annotations.models import (
    AssignmentRound,
    Comment,
    CommentRetraction,
    Consensus,
    ConsensusReopening,
    Mask,
    ProposalRejection,
    ProposalUse,
    Reading,
    ReadingWithdrawal,
)
from backend.audit.models import AuditRecord
from backend.cohorts.models import (
    ClinicalRecord,
    DatasetMember,
    DatasetVersion,
    EligibilityDecision,
    ProtocolVersion,
)
from backend.imaging.models import CaseOffset
from backend.pathology.models import IhcProposal, IhcRead, SequencingResult
from tests.factories.clinical import make_patient
from tests.factories.pathology import make_read
from tests.factories.people import make_cohort, make_user

pytestmark = pytest.mark.django_db

NEVER_CHANGED = (
    AssignmentRound, AuditRecord, CaseOffset, ClinicalRecord, Comment, CommentRetraction, Consensus, ConsensusReopening,
    DatasetMember, DatasetVersion, EligibilityDecision, IhcProposal, IhcRead, Mask, ProposalRejection, ProposalUse,
    ProtocolVersion, Reading, ReadingWithdrawal, SequencingResult,
)  # fmt: skip


@pytest.mark.parametrize("model", NEVER_CHANGED, ids=lambda model: model._meta.label)
def test_a_trigger_refuses_updates_and_deletions(model):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT string_agg(DISTINCT event_manipulation, ' ' ORDER BY event_manipulation) "
            "FROM information_schema.triggers WHERE event_object_table = %s AND action_timing = 'BEFORE'",
            [model._meta.db_table],
        )
        assert cursor.fetchone()[0] == "DELETE UPDATE"


def test_neither_a_cohort_nor_a_patient_nor_a_person_takes_them_along_when_deleted():
    cohort, pathologist = make_cohort(), make_user()
    patient = make_patient(cohort)
    read = make_read(patient, pathologist)
    for row in (cohort, patient, pathologist, read):
        with pytest.raises(DatabaseError), transaction.atomic():
            row.delete()
    assert IhcRead.objects.filter(pk=read.pk).exists() and ClinicalRecord.objects.filter(patient=patient).exists()
