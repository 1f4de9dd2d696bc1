"""Who must not see a case's readings yet: blinding is per person and case, and a denial beats every role."""

from uuid import UUID

from backend.accounts.models import User
from backend.annotations.models import Assignment, Mask, MaskSource, Purpose
from backend.cohorts.access import roles_in
from backend.cohorts.models import Cohort, Patient, Role
from backend.core.errors import Forbidden
from backend.imaging.models import Case

BLINDED = "Shown once you have handed in your own reading of this case."
# Whoever only reads sees the readings of the cases that they have read, and no other.
_OVERSEERS = frozenset({Role.COORDINATOR, Role.ADJUDICATOR, Role.ANALYST})


def is_blinded(user: User, case: Case) -> bool:
    """Whether the person was given the case, for tumour or brown fat, and has not handed in that reading."""
    return Assignment.objects.to_read().filter(case=case, reader=user).exists()


def blinded_case_ids(user: User, cohort: Cohort) -> frozenset[UUID]:
    """The cases of the cohort that the person is blinded for, in one query."""
    return frozenset(_open_assignments(user, cohort).values_list("case_id", flat=True))


def blinded_patient_ids(user: User, cohort: Cohort) -> frozenset[UUID]:
    """The patients of whom the person still has a case to read, in one query."""
    return frozenset(_open_assignments(user, cohort).values_list("case__patient_id", flat=True))


def _open_assignments(user: User, cohort: Cohort):
    return Assignment.objects.to_read().filter(reader=user, case__patient__cohort=cohort)


def may_see_readings(user: User, case: Case, roles: frozenset[str]) -> bool:
    """Whether the readings, consensuses and statistics of a case may be shown to a member with these roles."""
    if is_blinded(user, case):
        return False
    return bool(roles & _OVERSEERS) or Assignment.objects.filter(case=case, reader=user).exists()


def require_readings_visible(user: User, case: Case, roles: frozenset[str]) -> None:
    """Raises Forbidden where ``may_see_readings`` says no."""
    if not may_see_readings(user, case, roles):
        raise Forbidden(f"The readings of this case are hidden from you. {BLINDED}")


def may_see_outcomes(user: User, patient: Patient, roles: frozenset[str] | None = None) -> bool:
    """Whether p53, histology and predictions of a patient may be shown: never to who only reads, nor before reading."""
    held = roles_in(user, patient.cohort) if roles is None else roles
    if not held - {Role.READER}:
        return False
    return not Assignment.objects.to_read().filter(reader=user, case__patient=patient).exists()


def may_see_mask(user: User, mask: Mask, roles: frozenset[str]) -> bool:
    """Own masks and proposals for one's own task always; what stands handed in like the readings; drafts never."""
    if mask.assignment_id and mask.assignment.reader_id == user.pk:
        # What an adjudicator draws is made from the readings: it is hidden like them from who has yet to read the case.
        return mask.assignment.purpose == Purpose.READING or may_see_readings(user, mask.case, roles)
    if mask.source in (MaskSource.BAT_RULE, MaskSource.NNUNET) and _reads(user, mask):
        return True
    if mask.source == MaskSource.DRAWN and not mask.readings.standing().exists():
        return False
    return may_see_readings(user, mask.case, roles)


def _reads(user: User, mask: Mask) -> bool:
    return Assignment.objects.filter(case=mask.case_id, reader=user, target=mask.target).exists()
