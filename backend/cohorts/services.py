"""Making cohorts and giving people their roles."""

from django.db import IntegrityError, transaction

from backend.accounts.models import User
from backend.audit.services import record_audit
from backend.cohorts.models import Centre, Cohort, Enrolment, Membership, Patient, ProtocolVersion
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


def add_member(
    *, cohort: Cohort, user: User, role: str, actor: User | None, centre: Centre | None = None, reason: str = ""
) -> Membership:
    """Gives a role; giving it twice is refused in a sentence, and so is another centre than the person's roles have."""
    with transaction.atomic():
        Cohort.objects.select_for_update().get(pk=cohort.pk)
        held = Membership.objects.filter(cohort=cohort, user=user).select_related("centre").first()
        if held and held.centre != centre:
            limit = f"limited to {held.centre}" if held.centre else "limited to no centre"
            name = user.shown_name
            raise Conflict(f"The other roles of {name} in {cohort.name} are {limit}: one limit holds for all of them.")
        return _add_member(cohort, user, role, centre, actor, reason)


def _add_member(
    cohort: Cohort, user: User, role: str, centre: Centre | None, actor: User | None, reason: str
) -> Membership:
    try:
        with transaction.atomic():
            membership = Membership.objects.create(cohort=cohort, user=user, role=role, centre=centre)
            record_audit(
                action="membership.add",
                subject=membership,
                actor=actor,
                cohort_uuid=cohort.pk,
                after={"user": user.username, "role": role, "centre": centre.name if centre else ""},
                reason=reason,
            )
    except IntegrityError as error:
        raise Conflict(f"{user.shown_name} already has this role in {cohort.name}.") from error
    return membership


def remove_member(*, membership: Membership, actor: User | None, reason: str = "") -> None:
    """Takes a role away; the last coordinator of a cohort (of all its centres) stays."""
    with transaction.atomic():
        Cohort.objects.select_for_update().get(pk=membership.cohort_id)
        others = Membership.objects.filter(cohort=membership.cohort, role="coordinator", centre__isnull=True)
        if membership.role == "coordinator" and not others.exclude(pk=membership.pk).exists():
            raise Conflict("A cohort needs a coordinator: give the role to somebody else first.")
        record_audit(
            action="membership.remove",
            subject=membership,
            actor=actor,
            cohort_uuid=membership.cohort_id,
            before={
                "user": membership.user.username,
                "role": membership.role,
                "centre": membership.centre.name if membership.centre else "",
            },
            reason=reason,
        )
        membership.delete()


def meet_patient(*, cohort: Cohort, pseudonym: str, centre: Centre | None = None, actor: User | None = None) -> Patient:
    """The patient of this pseudonym, enrolled as screened when seen for the first time; who is there keeps a centre."""
    with transaction.atomic():
        patient, is_new = Patient.objects.get_or_create(cohort=cohort, pseudonym=pseudonym, defaults={"centre": centre})
        if is_new:
            Enrolment.objects.create(patient=patient)
            record_audit(
                action="patient.add",
                subject=patient,
                actor=actor,
                cohort_uuid=cohort.pk,
                after={"pseudonym": pseudonym, "centre": centre.name if centre else ""},
            )
    return patient


def current_protocol(cohort: Cohort) -> ProtocolVersion:
    """The newest protocol version."""
    return ProtocolVersion.objects.filter(cohort=cohort).order_by("-number").first()


def current_rules(cohort: Cohort) -> ProtocolRules:
    """The rules of the newest protocol version, typed."""
    return ProtocolRules.from_json(current_protocol(cohort).rules)
