"""Making cohorts and giving people their roles."""

from django.db import IntegrityError, transaction

from backend.accounts.models import User
from backend.audit.services import record_audit
from backend.cohorts.models import Cohort, Enrolment, Membership, Patient, ProtocolVersion
from backend.cohorts.protocol import ProtocolRules
from backend.core.errors import Conflict


def create_cohort(
    *, slug: str, name: str, actor: User | None, description: str = "", is_synthetic: bool = False
) -> Cohort:
    """A new cohort with the paper's protocol as version 1; its maker becomes a coordinator."""
    with transaction.atomic():
        if Cohort.objects.filter(slug=slug).exists():
            raise Conflict(f"There is already a cohort with the address {slug}; choose another.")
        cohort = Cohort.objects.create(
            slug=slug, name=name, description=description, is_synthetic=is_synthetic, created_by=actor
        )
        ProtocolVersion.objects.create(cohort=cohort, number=1, rules=ProtocolRules().to_json(), created_by=actor)
        record_audit(action="cohort.create", subject=cohort, actor=actor, cohort_uuid=cohort.pk, after={"slug": slug})
        if actor:
            add_member(cohort=cohort, user=actor, role="coordinator", actor=actor)
    return cohort


def add_member(*, cohort: Cohort, user: User, role: str, actor: User | None) -> Membership:
    """Gives a role; giving it twice is refused in a sentence."""
    try:
        with transaction.atomic():
            membership = Membership.objects.create(cohort=cohort, user=user, role=role)
            record_audit(
                action="membership.add",
                subject=membership,
                actor=actor,
                cohort_uuid=cohort.pk,
                after={"user": user.username, "role": role},
            )
    except IntegrityError as error:
        raise Conflict(f"{user.shown_name} already has this role in {cohort.name}.") from error
    return membership


def remove_member(*, membership: Membership, actor: User | None) -> None:
    """Takes a role away; the last coordinator of a cohort stays."""
    with transaction.atomic():
        others = Membership.objects.filter(cohort=membership.cohort, role="coordinator").exclude(pk=membership.pk)
        if membership.role == "coordinator" and not others.exists():
            raise Conflict("A cohort needs a coordinator: give the role to somebody else first.")
        record_audit(
            action="membership.remove",
            subject=membership,
            actor=actor,
            cohort_uuid=membership.cohort_id,
            before={"user": membership.user.username, "role": membership.role},
        )
        membership.delete()


def meet_patient(*, cohort: Cohort, pseudonym: str) -> Patient:
    """The patient of this pseudonym, enrolled as screened when seen for the first time."""
    patient, is_new = Patient.objects.get_or_create(cohort=cohort, pseudonym=pseudonym)
    if is_new:
        Enrolment.objects.create(patient=patient)
        record_audit(action="patient.add", subject=patient, cohort_uuid=cohort.pk, after={"pseudonym": pseudonym})
    return patient


def current_protocol(cohort: Cohort) -> ProtocolVersion:
    """The newest protocol version."""
    return ProtocolVersion.objects.filter(cohort=cohort).order_by("-number").first()


def current_rules(cohort: Cohort) -> ProtocolRules:
    """The rules of the newest protocol version, typed."""
    return ProtocolRules.from_json(current_protocol(cohort).rules)
