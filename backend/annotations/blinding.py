"""Who must not see a case's readings yet: blinding is per person and case, and a denial beats every role."""

from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from backend.accounts.models import User
from backend.annotations.models import Assignment, Mask, MaskSource, Purpose, Reading
from backend.cohorts.access import roles_in
from backend.cohorts.models import Cohort, Patient, Role
from backend.cohorts.protocol import AfterSubmission
from backend.cohorts.services import current_rules
from backend.core.errors import Forbidden
from backend.imaging.models import Case

BLINDED = "Shown once you have handed in your own reading of this case."
# Whoever only reads sees the readings of the cases that they have read, and no other.
_OVERSEERS = frozenset({Role.COORDINATOR, Role.ADJUDICATOR, Role.ANALYST})


def is_blinded(user: User, case: Case) -> bool:
    """Whether the person was given the case, for tumour or brown fat, and has not handed in that reading."""
    return open_assignments(user).filter(case=case).exists()


def blinded_case_ids(user: User, cohort: Cohort) -> frozenset[UUID]:
    """The cases of the cohort that the person is blinded for, in one query."""
    return frozenset(open_assignments(user).filter(case__patient__cohort=cohort).values_list("case_id", flat=True))


def blinded_patient_ids(user: User, cohort: Cohort) -> frozenset[UUID]:
    """The patients of whom the person still has a case to read, in one query."""
    rows = open_assignments(user).filter(case__patient__cohort=cohort)
    return frozenset(rows.values_list("case__patient_id", flat=True))


def open_assignments(user: User) -> QuerySet[Assignment]:
    """What the person has still to hand in.

    A case that was taken back after something was drawn counts: it can be given to the same person again, and what
    they had seen of others in the meantime would be in what they then draw.
    """
    drawn = Exists(Mask.objects.filter(assignment=OuterRef("pk")))
    rows = Assignment.every_purpose.to_read().filter(reader=user, purpose=Purpose.READING)
    return rows.filter(Q(withdrawn_at__isnull=True) | drawn)


def may_see_readings(user: User, case: Case, roles: frozenset[str]) -> bool:
    """Whether the readings and statistics of a case may be shown to a member with these roles."""
    return _may_see(user, case, roles, (AfterSubmission.READINGS, AfterSubmission.CONSENSUS))


def may_see_consensus(user: User, case: Case, roles: frozenset[str]) -> bool:
    """The same of what was settled on."""
    return _may_see(user, case, roles, (AfterSubmission.CONSENSUS,))


def _may_see(user: User, case: Case, roles: frozenset[str], where_protocol_says: tuple[str, ...]) -> bool:
    """Nobody who is blinded; then who oversees; then, as the protocol says, who has read the case."""
    if is_blinded(user, case):
        return False
    if roles & _OVERSEERS:
        return True
    if current_rules(case.patient.cohort).shown_after_submission not in where_protocol_says:
        return False
    return Reading.objects.standing().filter(case=case, reader=user).exists()


def require_readings_visible(user: User, case: Case, roles: frozenset[str]) -> None:
    """Raises Forbidden where ``may_see_readings`` says no."""
    if not may_see_readings(user, case, roles):
        raise Forbidden(f"The readings of this case are hidden from you. {BLINDED}")


def may_see_outcomes(user: User, patient: Patient, roles: frozenset[str] | None = None) -> bool:
    """Whether p53, histology and predictions of a patient may be shown: never to who only reads, nor before reading."""
    held = roles_in(user, patient.cohort) if roles is None else roles
    if not held - {Role.READER}:
        return False
    return not open_assignments(user).filter(case__patient=patient).exists()


def may_see_mask(user: User, mask: Mask, roles: frozenset[str]) -> bool:
    """Own masks and proposals for one's own task always; what stands handed in like the readings; drafts never."""
    if mask.assignment_id and mask.assignment.reader_id == user.pk:
        # What an adjudicator draws is made from the readings: it is hidden like them from who has yet to read the case.
        return mask.assignment.purpose == Purpose.READING or may_see_readings(user, mask.case, roles)
    if mask.source in (MaskSource.BAT_RULE, MaskSource.NNUNET) and _reads(user, mask):
        return True
    if mask.source == MaskSource.DRAWN and not mask.readings.standing().exists():
        return False
    if mask.source == MaskSource.CONSENSUS:
        return may_see_consensus(user, mask.case, roles)
    return may_see_readings(user, mask.case, roles)


def _reads(user: User, mask: Mask) -> bool:
    return Assignment.objects.filter(case=mask.case_id, reader=user, target=mask.target).exists()
