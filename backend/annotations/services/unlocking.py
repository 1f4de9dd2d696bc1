"""Unlocking a reading: it is withdrawn, stays as a row, and its reader is blinded again until another is handed in."""

from django.db import transaction

from backend.accounts.models import User
from backend.annotations.models import Assignment, Consensus, Reading, ReadingWithdrawal, Target
from backend.audit.services import record_audit
from backend.core.errors import Conflict, InvalidInput
from backend.imaging.models import Case

REASON_LIMIT = 500


def unlock_reading(*, reading: Reading, actor: User, reason: str) -> ReadingWithdrawal:
    """Withdraws a standing reading of an assignment, so that its reader goes on drawing.

    An automatic consensus that was made from it stands no longer, and is built anew when the case is read again; see
    ``ConsensusQuerySet.standing``. Raises InvalidInput without a reason, and Conflict where the reading was withdrawn
    before, came with the images, is the actor's own, or a person signed a consensus on it.
    """
    if not reason.strip() or len(reason) > REASON_LIMIT:
        raise InvalidInput(f"Say why the reading is unlocked, in at most {REASON_LIMIT} characters.")
    _check_whose(reading, actor)
    with transaction.atomic():
        # As in handing in: nobody signs or hands in while it is decided whether this reading may go.
        Case.objects.select_for_update().get(pk=reading.case_id)
        Assignment.objects.select_for_update().get(pk=reading.assignment_id)
        if ReadingWithdrawal.objects.filter(reading=reading).exists():
            raise Conflict("This reading was unlocked before.")
        signed = signed_consensus_on(reading)
        if signed is not None:
            name = signed.signed_by.shown_name if signed.signed_by else "a person"
            raise Conflict(f"{name} signed a consensus that stands on this reading: reopen the consensus first.")
        superseded = _consensuses_on(reading).standing().values_list("pk", flat=True)
        before = {"reading": str(reading.pk), "superseded": [str(pk) for pk in superseded]}
        withdrawal = ReadingWithdrawal.objects.create(reading=reading, withdrawn_by=actor, reason=reason.strip())
        record_audit(
            action="reading.unlock",
            subject=reading,
            actor=actor,
            cohort_uuid=reading.case.patient.cohort_id,
            before=before | {"outcome": reading.outcome, "mask": reading.mask_sha256},
            reason=reason.strip(),
        )
    return withdrawal


def _check_whose(reading: Reading, actor: User) -> None:
    if reading.assignment_id is None:
        raise Conflict("This reading came with the images: choose or dismiss the region instead.")
    # Whoever has seen the others' readings must not be able to give themselves a second try.
    if reading.reader_id == actor.pk:
        raise Conflict("This is your own reading: ask another coordinator to unlock it.")


def signed_consensus_on(reading: Reading) -> Consensus | None:
    """The standing consensus that a person signed with this reading among its readings.

    Brown fat is signed by handing it in: that signature is the reading itself, and goes with it.
    """
    signed = _consensuses_on(reading).standing().filter(is_signed=True)
    if reading.target == Target.BAT:
        signed = signed.exclude(signed_by=reading.reader_id, reason="")
    return signed.select_related("signed_by").order_by("-created_at").first()


def _consensuses_on(reading: Reading):
    rows = Consensus.objects.filter(case=reading.case_id, target=reading.target)
    return rows.filter(reading_ids__contains=[reading.pk])
