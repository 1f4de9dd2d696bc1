"""Blinding on pages that are not about one case: job rows, the audit trail and results name the work of many.

A coordinator or analyst who also reads sees there neither the contents nor the rows that others' work on a case still
to be read has left: that such a row exists tells that somebody has handed in. The same holds for a person who reads
p53: what others called a patient waits for the own read. A denial beats every role.
"""

from uuid import UUID

from django.db.models import CharField, Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Cast

from backend.accounts.models import User
from backend.annotations.blinding import blinded_case_ids
from backend.annotations.models import Consensus, Mask, Reading
from backend.audit.models import AuditRecord
from backend.audit.selectors import audit_of_cohort
from backend.cohorts.access import roles_in
from backend.cohorts.models import Cohort, Patient, Role
from backend.core.centre_limit import centre_limit
from backend.imaging.models import Case, ImagingStudy, Upload
from backend.jobs.models import Job, JobKind
from backend.jobs.selectors import jobs_of_cohort
from backend.pathology.models import IhcRead

WITHHELD = "Shown once you have handed in all your readings in this cohort."
# What is done with readings; a whole cohort's work of these kinds tells of everybody's.
_OF_READINGS = (JobKind.IMPORT_READINGS,)
# Of these an own trail remains to who must not see the others': people, protocol, imports and sign-ins are no secret.
_OF_OTHERS_WORK = ("annotations.", "jobs.", "features.", "experiments.", "pathology.", "imaging.case")


def withholds_details(user: User, cohort: Cohort) -> bool:
    """Whether the person still has a reading to hand in, or a p53 read of others to wait for."""
    return bool(blinded_case_ids(user, cohort)) or bool(unread_p53(user, cohort, roles_in(user, cohort)))


def unread_p53(user: User, cohort: Cohort, roles: frozenset[str]) -> frozenset[UUID]:
    """The patients whose p53 others have read and this pathologist has not; none for who is no pathologist."""
    if Role.PATHOLOGIST not in roles:
        return frozenset()
    reads = IhcRead.objects.filter(specimen__patient=OuterRef("pk"), superseded_by__isnull=True)
    rows = Patient.objects.filter(Exists(reads), ~Exists(reads.filter(reader=user)), cohort=cohort)
    return frozenset(rows.values_list("pk", flat=True))


def jobs_seen_by(user: User, cohort: Cohort) -> QuerySet[Job]:
    """The cohort's jobs without those about cases that the person has still to read, and about their readings."""
    rows, hidden = _within_centre(jobs_of_cohort(cohort.pk)), blinded_case_ids(user, cohort)
    if not hidden:
        return rows
    subjects = {str(pk) for pk in hidden}
    for model in (Reading, Mask):
        subjects |= {str(pk) for pk in model.objects.filter(case__in=hidden).values_list("pk", flat=True)}
    return rows.exclude(Q(subject_id__in=subjects) | Q(kind__in=_OF_READINGS))


def _within_centre(rows: QuerySet[Job]) -> QuerySet[Job]:
    """For who is limited to a centre: the jobs about what they can see. A job's row names its subject, no centre."""
    if centre_limit() is None:
        return rows
    seen = Q(pk__in=[])
    for model in (Patient, Upload, ImagingStudy, Case, Mask, Reading, Consensus):
        keys = model.objects.annotate(key=Cast("pk", CharField())).values("key")
        seen |= Q(subject_type=model._meta.label_lower, subject_id__in=keys)
    return rows.filter(seen)


def audit_seen_by(user: User, cohort: Cohort) -> QuerySet[AuditRecord]:
    """The cohort's trail; while something is withheld, of others' work only what concerns no patient's readings."""
    rows = audit_of_cohort(cohort.pk)
    if not withholds_details(user, cohort):
        return rows
    others = Q()
    for prefix in _OF_OTHERS_WORK:
        others |= Q(object_type__startswith=prefix)
    return rows.exclude(others & ~Q(actor=user))
