"""Centres of a cohort: naming them, saying where a patient comes from, and limiting a member to one of them."""

from django.db import transaction

from backend.accounts.models import User
from backend.audit.services import record_audit
from backend.cohorts.models import Centre, Cohort, Membership, Patient
from backend.core.centre_limit import centre_limit
from backend.core.errors import InvalidInput, NotFound

NAME_LIMIT_CHARACTERS = 60


def centre_named(cohort: Cohort, name: str, *, actor: User | None = None) -> Centre | None:
    """The centre of this name, made where it is new; None for an empty name."""
    name = name.strip()
    if not name:
        return None
    if len(name) > NAME_LIMIT_CHARACTERS:
        raise InvalidInput(f"The name of a centre has {NAME_LIMIT_CHARACTERS} characters at most.")
    with transaction.atomic():
        centre, is_new = Centre.objects.get_or_create(cohort=cohort, name=name)
        if is_new:
            record_audit(action="centre.add", subject=centre, actor=actor, cohort_uuid=cohort.pk, after={"name": name})
    return centre


def find_centre(cohort: Cohort, name: str) -> Centre:
    """The centre of this name. Raises NotFound, naming the ones that there are."""
    centre = Centre.objects.filter(cohort=cohort, name=name).first()
    if centre is None:
        known = ", ".join(Centre.objects.filter(cohort=cohort).values_list("name", flat=True)) or "none yet"
        raise NotFound(f"There is no centre {name} in this cohort (there are: {known}).")
    return centre


def centre_of_delivery(cohort: Cohort, name: str, *, actor: User | None) -> Centre | None:
    """Where a delivery comes from: for a member of one centre always that one, else the centre of this name."""
    limit = centre_limit()
    if limit is None:
        return centre_named(cohort, name, actor=actor)
    own = Centre.objects.get(pk=limit)
    if name.strip() not in ("", own.name):
        raise InvalidInput(f"Your membership is limited to {own.name}: you can deliver for no other centre.")
    return own


def set_centre(*, patient: Patient, centre: Centre | None, actor: User | None, reason: str = "") -> bool:
    """Says where a patient comes from; False where that is known already."""
    if patient.centre_id == (centre.pk if centre else None):
        return False
    with transaction.atomic():
        before = patient.centre_name
        patient.centre = centre
        patient.save(update_fields=["centre"])
        record_audit(
            action="patient.centre",
            subject=patient,
            actor=actor,
            cohort_uuid=patient.cohort_id,
            before={"centre": before},
            after={"centre": patient.centre_name},
            reason=reason,
        )
    return True


def limit_member(*, cohort: Cohort, user: User, centre: Centre | None, actor: User | None, reason: str) -> None:
    """Limits all roles of a person in a cohort to one centre, or takes the limit off.

    Raises InvalidInput without a reason, and where nobody would be left who coordinates the whole cohort.
    """
    if not reason.strip():
        raise InvalidInput("Say why the membership is limited, or why no longer.")
    with transaction.atomic():
        Cohort.objects.select_for_update().get(pk=cohort.pk)
        roles = list(Membership.objects.filter(cohort=cohort, user=user).select_related("centre"))
        if not roles:
            raise NotFound(f"{user.shown_name} has no role in this cohort.")
        if centre and not _others_coordinate(cohort, user):
            raise InvalidInput("A cohort needs a coordinator who sees every centre: give the role to somebody first.")
        before = roles[0].centre.name if roles[0].centre else ""
        Membership.objects.filter(pk__in=[role.pk for role in roles]).update(centre=centre)
        record_audit(
            action="membership.limit",
            subject=roles[0],
            actor=actor,
            cohort_uuid=cohort.pk,
            before={"user": user.username, "centre": before},
            after={"user": user.username, "centre": centre.name if centre else ""},
            reason=reason.strip(),
        )


def _others_coordinate(cohort: Cohort, user: User) -> bool:
    rows = Membership.objects.filter(cohort=cohort, role="coordinator", centre__isnull=True)
    return rows.exclude(user=user).exists()
